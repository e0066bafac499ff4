// Package awsx is the offline cloud's awsx provider: it expands awsx:ec2:Vpc into the child resources that awsx 2.22.0
// registers, so that a program deploys the same network on the offline cloud as on AWS. It has no state of its own: the
// aws provider of the same deployment creates the children.
//
// Facts come from the recordings of the real provider in testdata and, beyond these, from what the source of awsx shows
// both before and after 2.22.0 (pulumi/pulumi-awsx, folder awsx/ec2; comments name the file).
package awsx
