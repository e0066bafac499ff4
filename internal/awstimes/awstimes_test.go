package awstimes_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/awstimes"
	"stagecraft/internal/offline/aws"
)

const (
	database = "aws:rds/instance:Instance"
	service  = "aws:ecs/service:Service"
	topic    = "aws:sns/topic:Topic"
	provider = "pulumi:providers:aws"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		token  string
		inputs map[string]any
		want   time.Duration
	}{
		"quick":               {topic, nil, time.Second},
		"one zone":            {database, map[string]any{"multiAz": false}, 8 * time.Minute},
		"standby":             {database, map[string]any{"multiAz": true}, 12 * time.Minute},
		"not awaited":         {service, nil, 5 * time.Second},
		"awaited":             {service, map[string]any{"waitForSteadyState": true}, 125 * time.Second},
		"awaited, as text":    {service, map[string]any{"waitForSteadyState": "true"}, 125 * time.Second},
		"load balancer":       {"aws:lb/loadBalancer:LoadBalancer", nil, 150 * time.Second},
		"property of another": {topic, map[string]any{"multiAz": true}, time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			duration, ok := awstimes.Create(test.token, test.inputs)
			require.True(t, ok)
			require.Equal(t, test.want, duration)
		})
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		token      string
		properties []string
		want       time.Duration
	}{
		"quick":              {topic, []string{"tags"}, time.Second},
		"any property":       {database, []string{"tags"}, time.Minute},
		"slow property":      {database, []string{"instanceClass"}, 10 * time.Minute},
		"slowest property":   {database, []string{"engineVersion", "tags", "allocatedStorage"}, 15 * time.Minute},
		"slow property only": {"aws:ec2/instance:Instance", []string{"instanceType"}, 90 * time.Second},
		"quick property":     {"aws:ec2/instance:Instance", []string{"tags"}, time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			duration, ok := awstimes.Update(test.token, test.properties)
			require.True(t, ok)
			require.Equal(t, test.want, duration)
		})
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]time.Duration{topic: time.Second, database: 6 * time.Minute, service: 2 * time.Minute} {
		duration, ok := awstimes.Delete(token)
		require.True(t, ok, token)
		require.Equal(t, want, duration, token)
	}
}

func TestNotAWS(t *testing.T) {
	t.Parallel()
	duration, ok := awstimes.Create(provider, nil)
	require.False(t, ok)
	require.Zero(t, duration)
	duration, ok = awstimes.Update(provider, []string{"region"})
	require.False(t, ok)
	require.Zero(t, duration)
	duration, ok = awstimes.Delete(provider)
	require.False(t, ok)
	require.Zero(t, duration)
}

// TestTokens finds each type of the table in the offline cloud, where a misspelt one would be quick.
func TestTokens(t *testing.T) {
	t.Parallel()
	require.Subset(t, aws.New(nil, nil).Types(), awstimes.Tokens())
}
