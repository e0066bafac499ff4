package cloud

// The API calls of an error's text, and the templates that a preview can show.
var (
	DeleteOperation = deleteOperation
	UpdateOperation = updateOperation
	IsConstant      = isConstant
)
