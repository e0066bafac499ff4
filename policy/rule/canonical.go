package rule

import "strings"

// prefixes maps the prefixes of equivalent modules to the one that rules use.
var prefixes = map[string]string{
	"aws:alb/":                      "aws:lb/",
	"aws:applicationloadbalancing/": "aws:lb/",
	"aws:elasticloadbalancingv2/":   "aws:lb/",
	"aws:elasticloadbalancing/":     "aws:elb/",
}

// versions removes the suffixes that S3's types have in version 6 of the AWS provider, and no longer in version 7.
var versions = strings.NewReplacer("V2", "", "v2", "")

// Canonical returns the one token that rules use for a type with several tokens.
func Canonical(token string) string {
	if strings.HasPrefix(token, "aws:s3/") {
		return versions.Replace(token)
	}
	for prefix, canonical := range prefixes {
		if rest, ok := strings.CutPrefix(token, prefix); ok {
			return canonical + rest
		}
	}
	return token
}
