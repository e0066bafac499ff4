package aws

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"

	"stagecraft/internal/offline/cloud"
)

const (
	cacheUserToken      = "aws:elasticache/user:User"
	cacheUserGroupToken = "aws:elasticache/userGroup:UserGroup"
)

// defaultUser is the user of every account: it needs no password and has full access.
var defaultUser = regexp.MustCompile(`^default$`)

func cacheUserTypes() []cloud.Type {
	engine := cloud.OneOf("redis", "valkey", "REDIS", "VALKEY")
	return []cloud.Type{{
		Token:     cacheUserToken,
		Args:      elasticache.UserArgs{},
		State:     elasticache.User{},
		Service:   "ElastiCache",
		Operation: "CreateUser",
		Source: "CloudFormation resource schema AWS::ElastiCache::User; ElastiCache API Reference, CreateUser; ElastiCache " +
			"User Guide, Role-Based Access Control (RBAC) and Authenticating with IAM",
		Name:      cacheID("userId", true),
		ID:        "${userId}",
		Conflicts: [][]string{{"authenticationMode", "noPasswordRequired", "passwords"}},
		Values: map[string]cloud.Value{
			"accessString":                    cloud.Match(`(^|\s)(on|off)(\s|$)`, "an access string with on or off"),
			"authenticationMode.passwords[*]": cloud.Length(16, 128),
			"authenticationMode.type":         cloud.OneOf("iam", "no-password-required", "password"),
			"engine":                          engine,
			"passwords":                       cloud.Count(1, 2),
			"passwords[*]":                    cloud.Length(16, 128),
		},
		Computed: map[string]any{"arn": "arn:aws:elasticache:${region}:${account}:user:${userId}"},
		Replace:  []string{"userId", "userName"},
		Unique:   [][]string{{"userId"}},
		Quota:    cacheQuota(1000, "UserQuotaExceeded", "users"),
		Check:    validateCacheUser,
		AfterWrite: func(_ cloud.Account, user *cloud.Resource) error {
			passwords := len(user.Texts("passwords[*]")) + len(user.Texts("authenticationMode.passwords[*]"))
			user.Fill("authenticationMode", map[string]any{"passwordCount": passwords, "type": cacheLogin(user)})
			return nil
		},
		NotFound: cloud.Error{Code: "UserNotFound", Message: "User ${value} not found."},
		Exists:   cloud.Error{Code: "UserAlreadyExists", Message: "User ${userId} already exists."},
	}, {
		Token:     cacheUserGroupToken,
		Args:      elasticache.UserGroupArgs{},
		State:     elasticache.UserGroup{},
		Service:   "ElastiCache",
		Operation: "CreateUserGroup",
		Source: "CloudFormation resource schema AWS::ElastiCache::UserGroup; ElastiCache API Reference, CreateUserGroup and " +
			"DeleteUser, which takes the user out of its groups",
		Name:     cacheID("userGroupId", true),
		ID:       "${userGroupId}",
		Values:   map[string]cloud.Value{"engine": engine},
		Computed: map[string]any{"arn": "arn:aws:elasticache:${region}:${account}:usergroup:${userGroupId}"},
		Replace:  []string{"userGroupId"},
		Refs:     []cloud.Ref{{Path: "userIds[*]", Type: cacheUserToken, Weak: true, External: defaultUser}},
		Unique:   [][]string{{"userGroupId"}},
		Quota:    cacheQuota(100, "UserGroupQuotaExceeded", "user groups"),
		Check:    validateCacheUserGroup,
		NotFound: cloud.Error{Code: "UserGroupNotFound", Message: "User group ${value} not found."},
		Exists:   cloud.Error{Code: "UserGroupAlreadyExists", Message: "User group ${userGroupId} already exists."},
		InUse: cloud.Error{
			Code: "InvalidUserGroupState", Message: "User group ${userGroupId} is associated with a replication group.",
		},
	}}
}

// cacheLogin returns the authentication type of a user, "" if it is not specified.
func cacheLogin(user *cloud.Resource) string {
	switch {
	case user.Text("authenticationMode.type") != "":
		return user.Text("authenticationMode.type")
	case len(user.Texts("passwords[*]")) > 0:
		return "password"
	case user.Text("noPasswordRequired") == "true":
		return "no-password-required"
	default:
		return ""
	}
}

func validateCacheUser(_ cloud.Account, user *cloud.Resource) error {
	login, passwords := cacheLogin(user), len(user.Texts("authenticationMode.passwords[*]"))
	switch {
	case login == "":
		return invalidCombination("Input Authentication type: null is not in the allowed list: " +
			"[password, no-password-required, iam]")
	case login == "iam" && user.Text("userId") != user.Text("userName"):
		return invalidCombination("User Id and User name must be same for authentication type: iam")
	case user.Text("authenticationMode.type") == "password" && (passwords < 1 || passwords > 2):
		return invalidCombination("A user with authentication type password has one or two passwords.")
	case login != "password" && passwords > 0:
		return invalidCombination("Passwords cannot be given for authentication type: %s", login)
	case login == "no-password-required" && strings.EqualFold(user.Text("engine"), "valkey"):
		return invalidCombination("No-password-required is not allowed for a user with engine Valkey")
	}
	return nil
}

// validateCacheUserGroup rejects a group of Redis OSS without a user named default, a group of Valkey with a user
// without authentication, and two users of the same name.
func validateCacheUserGroup(account cloud.Account, group *cloud.Resource) error {
	valkey := strings.EqualFold(group.Text("engine"), "valkey")
	names := map[string]bool{}
	for _, id := range group.Texts("userIds[*]") {
		name, login := id, "no-password-required"
		if !defaultUser.MatchString(id) {
			user, err := account.Find(cacheUserToken, "", id)
			if err != nil {
				return err
			}
			name, login = user.Text("userName"), cacheLogin(user)
		}
		switch {
		case names[name]:
			return apiError("DuplicateUserName", "Two users of the group have the user name %s.", name)
		case valkey && login == "no-password-required":
			return invalidCombination("A user group with engine Valkey can only have users who authenticate: %s does not.", id)
		}
		names[name] = true
	}
	if !valkey && !names["default"] {
		return apiError("DefaultUserRequired", "User group needs to contain a user with the user name default.")
	}
	return nil
}
