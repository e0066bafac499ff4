package autoscaling_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/awslimits/autoscaling"
)

func TestCheckTimes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ begin, end, zone, want string }{
		"a work day":         {"0 7 * * MON-FRI", "0 19 * * MON-FRI", "Europe/Berlin", ""},
		"no time zone":       {"*/5 0-6,12 1 JAN *", "30 19 * * 0", "", ""},
		"a zone of one word": {"0 7 * * *", "0 19 * * *", "UTC", ""},
		"a signed offset":    {"0 7 * * *", "0 19 * * *", "Etc/GMT-14", ""},
		"three parts":        {"0 7 * * *", "0 19 * * *", "America/Argentina/Buenos_Aires", ""},
		"no begin":           {"", "0 19 * * *", "", `begin is "" and end "0 19 * * *"`},
		"no end":             {"0 7 * * *", "", "", `end ""`},
		"words":              {"seven", "0 19 * * *", "", `begin is "seven"`},
		"a name as an hour":  {"0 MON * * *", "0 19 * * *", "", `begin is "0 MON * * *"`},
		"six fields":         {"0 7 * * * 2026", "0 19 * * *", "", `begin is "0 7 * * * 2026"`},
		"equal times":        {"0 7 * * *", "0 7 * * *", "", `such as "0 7 * * MON-FRI", and differ`},
		"a zone with spaces": {"0 7 * * *", "0 19 * * *", "UTC +1", `timeZone is "UTC +1": it must be an IANA time zone`},
		"a zone's empty end": {"0 7 * * *", "0 19 * * *", "Europe/", `timeZone is "Europe/"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := autoscaling.ScheduledMinimum{Instances: 6, Begin: test.begin, End: test.end, TimeZone: test.zone}.CheckTimes()
			if test.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.want)
			}
		})
	}
}

func TestCheckInstances(t *testing.T) {
	t.Parallel()
	for instances, want := range map[int]string{
		4: "", 9: "",
		3:  "instances is 3: it must be above the group's minimum, 3, and up to its maximum, 9",
		10: "instances is 10: it must be above the group's minimum, 3, and up to its maximum, 9",
	} {
		err := autoscaling.ScheduledMinimum{Instances: instances}.CheckInstances(3, 9)
		if want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, want)
		}
	}
}

func TestScheduledMinimumJSON(t *testing.T) {
	t.Parallel()
	encoded, err := json.Marshal(autoscaling.ScheduledMinimum{Instances: 6, Begin: "b", End: "e", TimeZone: "z"})
	require.NoError(t, err)
	require.JSONEq(t, `{"instances": 6, "begin": "b", "end": "e", "timeZone": "z"}`, string(encoded))
}
