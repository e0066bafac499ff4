package visits_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/visits"
)

// table is a DynamoDB table that accepts the requests of a Table only.
type table struct {
	t    *testing.T
	item map[string]types.AttributeValue
	err  error
}

func (f *table) GetItem(
	_ context.Context, input *dynamodb.GetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	require.Equal(f.t, "visits-1", *input.TableName)
	require.Equal(f.t, page, input.Key)
	require.Equal(f.t, "visits", *input.ProjectionExpression)
	return &dynamodb.GetItemOutput{Item: f.item}, f.err
}

func (f *table) UpdateItem(
	_ context.Context, input *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	require.Equal(f.t, "visits-1", *input.TableName)
	require.Equal(f.t, page, input.Key)
	require.Equal(f.t, "ADD visits :one", *input.UpdateExpression)
	require.Equal(f.t, map[string]types.AttributeValue{":one": count(1)}, input.ExpressionAttributeValues)
	require.Equal(f.t, types.ReturnValueUpdatedNew, input.ReturnValues)
	if f.err != nil {
		return nil, f.err
	}
	known := 0
	if value, ok := f.item["visits"].(*types.AttributeValueMemberN); ok {
		var err error
		known, err = strconv.Atoi(value.Value)
		require.NoError(f.t, err)
	}
	f.item = map[string]types.AttributeValue{"visits": count(known + 1)}
	return &dynamodb.UpdateItemOutput{Attributes: f.item}, nil
}

var page = map[string]types.AttributeValue{"page": &types.AttributeValueMemberS{Value: "/"}}

func count(n int) types.AttributeValue { return &types.AttributeValueMemberN{Value: strconv.Itoa(n)} }

func TestTable(t *testing.T) {
	t.Parallel()
	counter := visits.NewTable(&table{t: t}, "visits-1")
	number, err := counter.Count(t.Context())
	require.NoError(t, err)
	require.Zero(t, number, "a new table has no item")
	for want := range int64(2) {
		added, err := counter.Add(t.Context())
		require.NoError(t, err)
		require.Equal(t, want+1, added)
		number, err = counter.Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, want+1, number)
	}
}

func TestTableFails(t *testing.T) {
	t.Parallel()
	down := errors.New("no table")
	counter := visits.NewTable(&table{t: t, err: down}, "visits-1")
	number, err := counter.Add(t.Context())
	require.Zero(t, number)
	require.ErrorIs(t, err, down)
	require.EqualError(t, err, "counting a visit in visits-1: no table")
	number, err = counter.Count(t.Context())
	require.Zero(t, number)
	require.ErrorIs(t, err, down)
	require.EqualError(t, err, "reading the visits from visits-1: no table")

	counter = visits.NewTable(&table{t: t, item: page}, "visits-1")
	number, err = counter.Count(t.Context())
	require.Zero(t, number)
	require.EqualError(t, err, `the item has no number "visits"`)
}

// slow is a Counter that never answers.
type slow struct{}

func (slow) Add(ctx context.Context) (int64, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func (s slow) Count(ctx context.Context) (int64, error) { return s.Add(ctx) }

func TestHandleTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		handler := visits.Handler{Counter: slow{}, Logger: slog.New(slog.DiscardHandler)}
		response, err := handler.Handle(t.Context(), events.APIGatewayV2HTTPRequest{RouteKey: "POST /visits"})
		require.NoError(t, err)
		require.Equal(t, 503, response.StatusCode)
		require.Equal(t, 3*time.Second, time.Since(begin))
	})
}

func TestHandle(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		route  string
		err    error
		status int
		body   string
		logged string
	}{
		"add":     {"POST /visits", nil, 200, `{"visits": 42}`, ""},
		"read":    {"GET /visits", nil, 200, `{"visits": 41}`, ""},
		"nothing": {"GET /users", nil, 404, `{"error": "the path does not exist"}`, ""},
		"failure": {
			"POST /visits", errors.New("no table"), 503, `{"error": "the service cannot answer now; try again"}`,
			`"level":"ERROR","msg":"request failed","error":"counting a visit in visits-1: no table","route":"POST /visits","request":"request-1"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			fake := &table{t: t, err: test.err, item: map[string]types.AttributeValue{"visits": count(41)}}
			handler := visits.Handler{
				Counter: visits.NewTable(fake, "visits-1"), Logger: slog.New(slog.NewJSONHandler(&log, nil)),
			}
			response, err := handler.Handle(t.Context(), events.APIGatewayV2HTTPRequest{
				RouteKey:       test.route,
				RequestContext: events.APIGatewayV2HTTPRequestContext{RequestID: "request-1"},
			})
			require.NoError(t, err)
			require.Equal(t, test.status, response.StatusCode)
			require.JSONEq(t, test.body, response.Body)
			require.Equal(t, map[string]string{
				"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			}, response.Headers)
			require.Contains(t, log.String(), test.logged)
			require.Equal(t, test.logged == "", log.Len() == 0)
		})
	}
}
