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

// hstsSeconds, two years, is what browsers' own lists of HTTPS-only names ask for.
const hstsSeconds = 63072000

// unused are the browser's powers that the app does without.
const unused = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

// newHeaders tells browsers what the app never does, so that nobody makes it do so. Its own headers win over an origin's:
// they fit the page, and no answer of an API needs more.
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
				header("Permissions-Policy", unused),
			},
		},
	}, f.parent)
}

func header(name, value string) cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArgs {
	return cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArgs{
		Header: pulumi.String(name), Value: pulumi.String(value), Override: pulumi.Bool(true),
	}
}

// contentSecurityPolicy lets the app load its own files, and call itself and where its meta elements lead.
func (a *Args) contentSecurityPolicy() pulumi.StringOutput {
	return a.metas().ToStringMapOutput().ApplyT(func(metas map[string]string) (string, error) {
		called := []string{"'self'"}
		for _, name := range slices.Sorted(maps.Keys(metas)) {
			origin, err := originOf(metas[name])
			if err != nil {
				return "", fmt.Errorf("the value of the meta element %q: %w", name, err)
			}
			if origin != "" && !slices.Contains(called, origin) {
				called = append(called, origin)
			}
		}
		return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
			"manifest-src 'self'; connect-src " + strings.Join(called, " ") +
			"; base-uri 'none'; form-action 'self'; frame-ancestors 'none'", nil
	}).(pulumi.StringOutput)
}

// originOf is the origin of a URL, "" for a text that is none.
func originOf(text string) (string, error) {
	if !strings.Contains(text, "://") {
		return "", nil
	}
	parsed, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	return parsed.Scheme + "://" + parsed.Host, nil
}
