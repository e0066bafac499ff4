// Package cloud simulates a cloud from declarations: what a resource type takes, refers to, computes and rejects. It
// knows no AWS type; package aws declares those.
package cloud

import (
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/schema"
)

// Type declares a resource type. Texts may hold ${…}, which stands for a property of the resource, for its ${id}, or
// for ${region}, ${account}, ${zone} (the region's first zone), ${now} (RFC 3339), for N random characters: ${hexN},
// ${digitsN}, ${lettersN}, ${capitalsN}, or for a property of what it refers to: ${vpcId.arn}, ${subnets[0].vpcId}.
// ${_property} is an underscore and the property, or nothing where there is none.
type Type struct {
	// Token is the Pulumi type, such as "aws:ec2/subnet:Subnet".
	Token string
	// Args and State are zero values of the SDK's args and resource structs: they name every property and its type.
	Args, State any
	// Global types are the same in every region: an account has one set of them.
	Global bool
	// Service and Operation name the API call that creates it, such as "EC2" and "CreateSubnet".
	Service, Operation string
	// Change names the call that changes it. Default: Operation with Modify in the place of its verb, or again if it is a Put.
	Change string
	// Source is where the facts below are from.
	Source string

	// Name is how Pulumi names it when the program does not; nil if it has no name.
	Name *Name
	// ID is the text that becomes its id.
	ID string
	// Required lists lists and maps that must be given; the SDK's types tell of everything else.
	Required []string
	// OneOf lists groups of properties of which exactly one must be given.
	OneOf [][]string
	// Conflicts lists groups of properties of which at most one may be given.
	Conflicts [][]string
	// Values says what properties may hold, by path such as "ingress[*].protocol".
	Values map[string]Value
	// Computed is what AWS fills in where the program says nothing: defaults, and what only AWS knows. Texts inside are
	// expanded.
	Computed map[string]any
	// Renewed lists what AWS computes anew at a change: a preview of one does not know it.
	UnknownOnUpdate []string
	// Replace lists the properties whose change replaces the resource.
	Replace []string
	// ReplaceIf lists properties whose change replaces the resource while another property, named here, is true.
	ReplaceIf map[string]string
	// Refs are its references to other resources.
	Refs []Ref
	// Unique lists groups of properties, "id" for the id, that no two resources of the type share within a region.
	Unique [][]string
	// Overwrites is the property that, while true, lets it take the place of its duplicate.
	Overwrites string
	// Quota is how many a new account may have.
	Quota *Quota
	// Check rejects what the lists above can't express, when it is created or updated; the account shows what exists.
	Check func(Account, *Resource) error
	// Make does what the lists above can't express when it is created or updated: it computes, and adds or changes what
	// AWS makes beside it.
	AfterWrite func(Account, *Resource) error
	// Protected is the property that keeps it from being deleted while it is true, and Protection what is then said.
	Protected  string
	Protection Error
	// Delete rejects a deletion, or does what AWS does at one.
	Delete func(Account, *Resource) error

	// NotFound, Exists and InUse are said of a reference to nothing (${value} is what was referred to), of a duplicate
	// and of a deletion of what others need.
	NotFound, Exists, InUse Error

	// CreateDuration returns how long AWS typically takes to create it with such properties. Default: one second.
	CreateDuration func(properties map[string]any) time.Duration

	inputs, outputs schema.Object
}

// Name declares automatic names: the logical name, a hyphen and seven random hexadecimal digits (Pulumi documentation,
// "Auto-naming").
type Name struct {
	// Property holds the name.
	Property string
	// Max is the longest name that AWS takes; Pattern, when there is one, is what it must match.
	Max     int
	Pattern *regexp.Regexp
	// AutoMax is the longest automatic name. Default: Max.
	AutoMax int
	// NoHyphen leaves the hyphen out of automatic names.
	NoHyphen bool
	// Manual means that Pulumi makes no name: the program must give one, or may leave it to AWS.
	Manual bool
	// Lower means that Pulumi puts an automatic name into lower case.
	Lower bool
}

// Ref declares that a property holds a reference.
type Ref struct {
	// Path is where the reference is, such as "vpcId" or "subnetIds[*]".
	Path string
	// Type is what it refers to; By is the property that it holds, or "" for the id.
	Type, TargetProperty string
	// Region is where the other is. Default: the region of what refers to it.
	Region string
	// Loose references don't keep the other from being deleted.
	Weak bool
	// Part references don't either: what is part of the other is deleted with it.
	OwnedBy bool
	// External matches what AWS itself provides, and needs no resource.
	External *regexp.Regexp
	// NotFound is said of a reference to nothing. Default: what the other type says.
	NotFound Error
}

// Quota is an AWS service quota.
type Quota struct {
	// Limit is the default for a new account.
	Limit int
	// Per is the property within whose value it counts; "" counts within the region.
	Scope string
	// Error is said when it is reached.
	Error Error
}

// Error is an AWS API error.
type Error struct{ Code, Message string }

// Resource is a resource while it is checked, created or deleted.
type Resource struct {
	URN     resource.URN
	ID      string
	Region  string
	Inputs  resource.PropertyMap
	Outputs resource.PropertyMap
	// Before is what had its id before a change or creation; nil if nothing did.
	Before *Resource
}

// Text returns the property at a path such as "vpcId" or "accessLogs.bucket" as text, "" if there is none.
func (r *Resource) Text(path string) string {
	if texts := r.Texts(path); len(texts) > 0 {
		return texts[0]
	}
	return ""
}

// Texts returns the properties at a path such as "subnets[*]" as texts.
func (r *Resource) Texts(path string) []string {
	values := valuesAt(r.Outputs, path)
	texts := make([]string, 0, len(values))
	for _, where := range slices.Sorted(maps.Keys(values)) {
		texts = append(texts, plainText(values[where]))
	}
	return texts
}

// Elements returns the objects in a list, each as if it were a resource.
func (r *Resource) Elements(property string) []*Resource {
	list := r.Outputs[resource.PropertyKey(property)]
	if !list.IsArray() {
		return nil
	}
	var elements []*Resource
	for _, element := range list.ArrayValue() {
		if element.IsObject() {
			elements = append(elements, &Resource{Region: r.Region, Outputs: element.ObjectValue()})
		}
	}
	return elements
}

// Object returns an object as if it were a resource, nil if there is none.
func (r *Resource) Object(property string) *Resource {
	value := r.Outputs[resource.PropertyKey(property)]
	if !value.IsObject() {
		return nil
	}
	return &Resource{Region: r.Region, Outputs: value.ObjectValue()}
}

// Set puts a plain value, such as a string, a list or a map, into a property.
func (r *Resource) Set(property string, value any) {
	r.Outputs[resource.PropertyKey(property)] = resource.NewPropertyValue(value)
}

// Fill puts defaults into an object where they are missing.
func (r *Resource) Fill(property string, defaults map[string]any) {
	object := resource.PropertyMap{}
	if current := r.Outputs[resource.PropertyKey(property)]; current.IsObject() {
		object = current.ObjectValue().Copy()
	}
	for name, value := range defaults {
		if key := resource.PropertyKey(name); !object.HasValue(key) {
			object[key] = resource.NewPropertyValue(value)
		}
	}
	r.Outputs[resource.PropertyKey(property)] = resource.NewProperty(object)
}

// Account is what else exists in the region.
type Account interface {
	// Find gives the resource of a type whose property (or "" for its id) has the value.
	Find(token, property, value string) (*Resource, error)
	// List gives all resources of a type.
	List(token string) ([]*Resource, error)
	// Put changes a resource, or adds one that AWS makes by itself, which goes with what it refers to.
	Put(token string, resource *Resource) error
	// In is the same account in another region.
	In(region string) Account
	// Remove deletes a resource without asking whether others need it.
	Remove(token, id string) error
}
