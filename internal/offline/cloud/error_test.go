package cloud_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
)

func TestOperations(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]struct{ deletes, updates string }{
		"AddTags":                  {"RemoveTags", "ModifyTags"},
		"AllocateAddress":          {"ReleaseAddress", "ModifyAddress"},
		"AssociateAddress":         {"DisassociateAddress", "ModifyAddress"},
		"AttachGateway":            {"DetachGateway", "ModifyGateway"},
		"AuthorizeIngress":         {"RevokeIngress", "ModifyIngress"},
		"CreateVpc":                {"DeleteVpc", "ModifyVpc"},
		"EnableDefault":            {"DisableDefault", "ModifyDefault"},
		"PutRolePolicy":            {"DeleteRolePolicy", "PutRolePolicy"},
		"RegisterTargets":          {"DeregisterTargets", "ModifyTargets"},
		"RequestCertificate":       {"DeleteCertificate", "ModifyCertificate"},
		"RunInstances":             {"TerminateInstances", "ModifyInstances"},
		"Subscribe":                {"Unsubscribe", "Modify"},
		"ChangeResourceRecordSets": {"ChangeResourceRecordSets", "ChangeResourceRecordSets"},
	} {
		require.Equal(t, want.deletes, cloud.DeleteOperation(operation))
		require.Equal(t, want.updates, cloud.UpdateOperation(operation))
	}
}

func TestIsConstant(t *testing.T) {
	t.Parallel()
	for _, template := range []any{"clay", "", 3, 0.5, true, false} {
		require.True(t, cloud.IsConstant(template), "%v", template)
	}
	for _, template := range []any{"${id}", "a-${name}", []any{"a"}, map[string]any{"a": "b"}} {
		require.False(t, cloud.IsConstant(template), "%v", template)
	}
}

// TestErrorsNameTheResource compares whole errors, as the AWS provider words them.
func TestErrorsNameTheResource(t *testing.T) {
	t.Parallel()
	in := open(t, nil)
	inputs := map[string]any{"name": "rose", "size": 1, "shut": true}
	id, outputs := create(t, in, gardenToken, inputs)
	_, _, err := in.Create(t.Context(), gardenToken, "urn:it", properties(inputs), false)
	require.EqualError(t, err, "creating aws:garden:Garden (rose): operation error Garden: CreateGarden, "+
		"api error GardenAlreadyExists: A garden rose already exists")
	require.EqualError(t, in.Delete(gardenToken, id), "deleting aws:garden:Garden (rose): operation error Garden: DeleteGarden, "+
		"api error OperationNotPermitted: Garden rose is shut.")
	_, err = in.Update(gardenToken, "garden-0", "urn:it", properties(outputs), properties(inputs), false)
	require.EqualError(t, err, "updating aws:garden:Garden (rose): operation error Garden: ModifyGarden, "+
		"api error InvalidGarden.NotFound: The garden 'garden-0' does not exist")
	_, _, err = in.Create(t.Context(), bedToken, "urn:it", properties(plantedBed("garden-0")), false)
	require.EqualError(t, err, "creating aws:garden:Bed (): operation error Garden: CreateBed, "+
		"api error InvalidGarden.NotFound: The garden 'garden-0' does not exist")
}
