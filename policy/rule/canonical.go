package rule

import "strings"

// prefixes are modules that are the same, by the one that rules name.
var prefixes = map[string]string{
	"aws:alb/":                      "aws:lb/",
	"aws:applicationloadbalancing/": "aws:lb/",
	"aws:elasticloadbalancingv2/":   "aws:lb/",
	"aws:elasticloadbalancing/":     "aws:elb/",
}

// versions are what the names of S3's types have in version 6 of the AWS provider, and no longer in version 7.
var versions = strings.NewReplacer("V2", "", "v2", "")

// Canonical is the one token of a type that has several.
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
