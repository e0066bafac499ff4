package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/preview"
)

func TestTheWordsOfDiff(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options diffOptions
		args    []string
		want    string // of the error; "" for none
	}{
		"two stages":            {diffOptions{}, []string{"1", "2"}, ""},
		"a live stack":          {diffOptions{stack: "shop", to: "2"}, nil, ""},
		"an offline stack":      {diffOptions{stack: "shop", to: "2", offline: true}, nil, ""},
		"a base branch":         {diffOptions{base: "../base"}, []string{"1", "1"}, ""},
		"nothing":               {diffOptions{}, nil, "diff takes FROM and TO"},
		"one stage":             {diffOptions{}, []string{"1"}, "diff takes FROM and TO"},
		"--to without a stack":  {diffOptions{to: "2"}, []string{"1", "2"}, "diff takes FROM and TO"},
		"stages offline anyway": {diffOptions{offline: true}, []string{"1", "2"}, "diff takes FROM and TO"},
		"no --to":               {diffOptions{stack: "shop"}, nil, "--to names"},
		"words too many":        {diffOptions{stack: "shop", to: "2"}, []string{"3"}, "no other words"},
		"a live base":           {diffOptions{stack: "shop", to: "2", base: "../base"}, nil, "--base goes with"},
		"no such format":        {diffOptions{format: "pdf"}, []string{"1", "2"}, `"pdf" is not a format`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.options.format == "" {
				test.options.format = "table"
			}
			err := test.options.understand(test.args)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestWhatFromAndToMean(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"2": "stage2", "stage2": "stage2", "shop": "shop", "Pulumi.shop.yaml": "shop",
	} {
		require.Equal(t, want, stackOf(word))
	}
	for word, want := range map[string]preview.Target{
		"2":                         {Stage: "2"},
		"stage2":                    {Stage: "2"},
		"shop":                      {File: "project/Pulumi.shop.yaml"},
		"elsewhere/Pulumi.big.yaml": {File: "elsewhere/Pulumi.big.yaml"},
	} {
		options := diffOptions{target: word}
		require.Equal(t, want, options.targetOf("project"))
	}
}
