package diagram

import "github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

// change is how an operation is drawn, by a sign and by a style: each suffices without the other.
type change struct{ sign, class, fill, stroke, word string }

var (
	created  = change{"+", "created", "#dff3e3", "#1a7f37", "created"}
	updated  = change{"~", "updated", "#fff4d6", "#9a6700", "updated"}
	replaced = change{"±", "replaced", "#f3e4fb", "#8250df", "replaced"}
	deleted  = change{"−", "deleted", "#fde5e3", "#cf222e", "deleted"}
)

// legend lists the changes in the order of the legend.
var legend = []change{created, updated, replaced, deleted}

// changes maps the engine's operations. Operations that are not listed do not change the resource.
var changes = map[apitype.OpType]change{
	apitype.OpCreate:            created,
	apitype.OpImport:            created,
	apitype.OpUpdate:            updated,
	apitype.OpReplace:           replaced,
	apitype.OpCreateReplacement: replaced,
	apitype.OpDeleteReplaced:    replaced,
	apitype.OpImportReplacement: replaced,
	apitype.OpDelete:            deleted,
}
