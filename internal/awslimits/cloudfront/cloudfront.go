// Package cloudfront knows what CloudFront offers.
package cloudfront

import "slices"

// priceClasses are the sets of edge locations, the smallest first (Amazon CloudFront Developer Guide, "Price class").
var priceClasses = []string{"PriceClass_100", "PriceClass_200", "PriceClass_All"}

// shieldRegions are the regions with Origin Shield (Amazon CloudFront Developer Guide, "Use Amazon CloudFront Origin
// Shield").
var shieldRegions = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "eu-central-1", "eu-west-1",
	"eu-west-2", "me-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-2",
}

// PriceClasses returns the names of the sets of edge locations, the smallest first.
func PriceClasses() []string { return slices.Clone(priceClasses) }

// ShieldRegions returns the regions with Origin Shield.
func ShieldRegions() []string { return slices.Clone(shieldRegions) }
