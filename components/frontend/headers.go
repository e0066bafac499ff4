package frontend

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// hstsSeconds is two years, which browsers' lists of HTTPS-only names demand.
const hstsSeconds = 63072000

// unusedFeatures are the browser features that the app does not use.
const unusedFeatures = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

// newHeaders creates the headers with which browsers block what the app never does. They override an origin's: they fit
// the page, and no answer of an API needs others.
func (f *Frontend) newHeaders(ctx *pulumi.Context) (*cloudfront.ResponseHeadersPolicy, error) {
	override := pulumi.Bool(true)
	security := cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs{
		ContentSecurityPolicy: cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicyArgs{
			ContentSecurityPolicy: f.args.contentSecurityPolicy(), Override: override,
		},
		ContentTypeOptions: cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs{Override: override},
		FrameOptions: cloudfront.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs{
			FrameOption: pulumi.String("DENY"), Override: override,
		},
		ReferrerPolicy: cloudfront.ResponseHeadersPolicySecurityHeadersConfigReferrerPolicyArgs{
			ReferrerPolicy: pulumi.String("no-referrer"), Override: override,
		},
		StrictTransportSecurity: cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs{
			AccessControlMaxAgeSec: pulumi.Int(hstsSeconds), Override: override,
		},
	}
	return cloudfront.NewResponseHeadersPolicy(ctx, f.name, &cloudfront.ResponseHeadersPolicyArgs{
		Comment:               pulumi.Sprintf("Security headers of %s %s", ctx.Project(), ctx.Stack()),
		SecurityHeadersConfig: security,
		CustomHeadersConfig: cloudfront.ResponseHeadersPolicyCustomHeadersConfigArgs{
			Items: cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArray{
				header("Cross-Origin-Opener-Policy", "same-origin"),
				header("Permissions-Policy", unusedFeatures),
			},
		},
	}, f.parent)
}

// header returns a header that overrides an origin's.
func header(name, value string) cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArgs {
	return cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArgs{
		Header: pulumi.String(name), Value: pulumi.String(value), Override: pulumi.Bool(true),
	}
}

// contentSecurityPolicy returns the policy with which the page may load its own files, and call its own origin, those of
// its meta elements and ConnectSources.
func (a *Args) contentSecurityPolicy() pulumi.StringOutput {
	return a.metas().ToStringMapOutput().ApplyT(func(metas map[string]string) (string, error) {
		origins := append([]string{"'self'"}, a.ConnectSources...)
		for _, name := range slices.Sorted(maps.Keys(metas)) {
			origin, err := urlOrigin(metas[name])
			if err != nil {
				return "", fmt.Errorf("the content of the meta element %q: %w", name, err)
			}
			if origin != "" && !slices.Contains(origins, origin) {
				origins = append(origins, origin)
			}
		}
		return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
			"manifest-src 'self'; connect-src " + strings.Join(origins, " ") +
			"; base-uri 'none'; form-action 'self'; frame-ancestors 'none'", nil
	}).(pulumi.StringOutput)
}

// urlOrigin returns the origin of a URL, "" for a text that is not a URL.
func urlOrigin(text string) (string, error) {
	if !strings.Contains(text, "://") {
		return "", nil
	}
	parsed, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	return parsed.Scheme + "://" + parsed.Host, nil
}
