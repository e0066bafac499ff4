// Package backendguard keeps the offline cloud apart from real stacks.
package backendguard

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
)

// BackendVariable is the environment variable with the URL of the state backend.
const BackendVariable = "PULUMI_BACKEND_URL"

// Backend returns the folder of the local backend that the offline cloud serves. Any other backend than a local folder
// in PULUMI_BACKEND_URL is an error: simulated resources must never enter the state of a real stack.
func Backend() (string, error) {
	raw := os.Getenv(BackendVariable)
	backend, err := url.Parse(raw)
	if err != nil || backend.Scheme != "file" {
		return "", fmt.Errorf("OFFLINE: %s is %q, and the offline cloud serves file:// backends only: "+
			"run it through `stagecraft`, or use the official plugins for a real stack", BackendVariable, raw)
	}
	folder := filepath.FromSlash(backend.Host + backend.Path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return "", fmt.Errorf("OFFLINE: %s is %q, which is not a folder", BackendVariable, raw)
	}
	return folder, nil
}

// Check returns the error of Backend.
func Check() error {
	_, err := Backend()
	return err
}
