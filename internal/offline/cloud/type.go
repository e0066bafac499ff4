// Package cloud simulates a cloud from declarations of resource types: their inputs, references, computed outputs and
// errors. It contains no AWS type; package aws declares those.
package cloud

import (
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/schema"
)

// Type declares a resource type. Texts may contain ${…}, which stands for a property of the resource, for its ${id}, or
// for ${region}, ${account}, ${zone} (the region's first zone), ${now} (RFC 3339), for N random characters: ${hexN},
// ${digitsN}, ${lettersN}, ${capitalsN}, or for a property of a referenced resource: ${vpcId.arn}, ${subnets[0].vpcId}.
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
	// Change names the API call that updates it. Default: Operation with its verb replaced by Modify, or Operation itself
	// if it is a Put.
	Change string
	// Source names the documents from which the facts below are.
	Source string

	// Name declares its name; nil if it has none.
	Name *Name
	// ID is the text that becomes its id.
	ID string
	// Required names required lists and maps; for other properties the SDK's types show whether they are required.
	Required []string
	// OneOf lists groups of properties of which exactly one is required.
	OneOf [][]string
	// Conflicts lists groups of properties of which at most one is allowed.
	Conflicts [][]string
	// Values are the allowed values of properties, by path such as "ingress[*].protocol".
	Values map[string]Value
	// Computed are the properties that AWS fills in if the program does not: defaults, and what only AWS knows. Texts in
	// it are expanded.
	Computed map[string]any
	// UnknownOnUpdate lists the outputs that AWS computes again at each update, so that a preview does not know them.
	UnknownOnUpdate []string
	// Replace lists the properties whose change replaces the resource.
	Replace []string
	// ReplaceIf lists properties whose change replaces the resource while another property, named here, is true.
	ReplaceIf map[string]string
	// Refs are its references to other resources.
	Refs []Ref
	// Unique lists groups of properties, "id" for the id, that no two resources of the type share within a region.
	Unique [][]string
	// Overwrites is the property that, while true, allows the resource to replace its duplicate.
	Overwrites string
	// Quota is the quota of a new account.
	Quota *Quota
	// Check validates what the fields above cannot express, at each create and update; the account gives access to other
	// resources.
	Check func(Account, *Resource) error
	// AfterWrite runs after each create and update: it sets outputs that the fields above cannot express, and adds or
	// changes the resources that AWS creates beside it.
	AfterWrite func(Account, *Resource) error
	// Protected is the property that prevents deletion while it is true, and Protection the error.
	Protected  string
	Protection Error
	// Delete rejects a deletion, or simulates its side effects.
	Delete func(Account, *Resource) error

	// NotFound, Exists and InUse are the errors of a reference to a missing resource (${value} is the reference), of a
	// duplicate, and of the deletion of a resource that others need.
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
	// Max is the maximum length of a name, and Pattern, if set, what it must match.
	Max     int
	Pattern *regexp.Regexp
	// AutoMax is the longest automatic name. Default: Max.
	AutoMax int
	// NoHyphen leaves the hyphen out of automatic names.
	NoHyphen bool
	// Manual means that Pulumi generates no name: the program names the resource, or AWS does.
	Manual bool
	// Lower means that Pulumi converts an automatic name to lower case.
	Lower bool
}

// Ref declares that a property holds a reference.
type Ref struct {
	// Path is the path of the reference, such as "vpcId" or "subnetIds[*]".
	Path string
	// Type is the type of the target; TargetProperty is the property whose value the reference holds, or "" for the id.
	Type, TargetProperty string
	// Region is the region of the target. Default: the region of the resource itself.
	Region string
	// Weak references do not prevent the deletion of the target.
	Weak bool
	// OwnedBy means that the resource is deleted with the target.
	OwnedBy bool
	// External matches references to what AWS itself provides, without a resource.
	External *regexp.Regexp
	// NotFound is the error of a reference to a missing resource. Default: that of the target's type.
	NotFound Error
}

// Quota is an AWS service quota.
type Quota struct {
	// Limit is the default of a new account.
	Limit int
	// Scope is the property by whose value resources are counted; "" counts all of the region.
	Scope string
	// Error is the error when the quota is exceeded.
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
	// Before is the resource that had its id before the create or update; nil if none had.
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

// Set sets a property to a plain value, such as a string, a list or a map.
func (r *Resource) Set(property string, value any) {
	r.Outputs[resource.PropertyKey(property)] = resource.NewPropertyValue(value)
}

// Fill adds missing defaults to an object.
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

// Account gives access to the other resources of the region.
type Account interface {
	// Find returns the resource of a type whose property (or "" for its id) has the value, or nil.
	Find(token, property, value string) (*Resource, error)
	// List returns all resources of a type.
	List(token string) ([]*Resource, error)
	// Put updates a resource, or adds one that AWS creates by itself, which is deleted with the resources that it refers
	// to.
	Put(token string, resource *Resource) error
	// In returns the same account in another region.
	In(region string) Account
	// Remove deletes a resource without checking whether others need it.
	Remove(token, id string) error
	// Unhealthy reports whether resources of a type never become healthy in this run.
	Unhealthy(token string) bool
	// Released reports whether the application was released to the resources of a type.
	Released(token string) bool
}
