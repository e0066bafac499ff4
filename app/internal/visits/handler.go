package visits

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// requestTimeout limits the work for one request. It must be shorter than the function's timeout on Lambda.
const requestTimeout = 3 * time.Second

// Handler answers the requests of an HTTP API of API Gateway (API Gateway Developer Guide, "AWS Lambda proxy integration
// payload format version", 2.0).
type Handler struct {
	Counter Counter
	Logger  *slog.Logger
}

// Handle answers one request. It logs failures and returns no error for them, so that the client gets a response that it
// can parse.
func (h Handler) Handle(
	ctx context.Context, request events.APIGatewayV2HTTPRequest,
) (events.APIGatewayV2HTTPResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	operation := h.Counter.Count
	switch request.RouteKey {
	case "GET /visits":
	case "POST /visits":
		operation = h.Counter.Add
	default:
		return response(http.StatusNotFound, map[string]string{"error": "the path does not exist"})
	}
	visits, err := operation(ctx)
	if err != nil {
		h.Logger.ErrorContext(ctx, "request failed",
			"error", err, "route", request.RouteKey, "request", request.RequestContext.RequestID)
		return response(http.StatusServiceUnavailable, map[string]string{"error": "the service cannot answer now; try again"})
	}
	return response(http.StatusOK, map[string]int64{"visits": visits})
}

func response(status int, body any) (events.APIGatewayV2HTTPResponse, error) {
	text, err := json.Marshal(body)
	return events.APIGatewayV2HTTPResponse{
		StatusCode: status,
		Headers: map[string]string{
			"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		},
		Body: string(text),
	}, err
}
