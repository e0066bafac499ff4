package visits

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// patience limits the work for one request: it must end before Lambda ends it.
const patience = 3 * time.Second

// Handler answers the requests of an HTTP API of API Gateway (API Gateway Developer Guide, "AWS Lambda proxy integration
// payload format version", 2.0).
type Handler struct {
	Counter Counter
	Logger  *slog.Logger
}

// Handle answers one request. What fails is logged, and never an error: the client gets an answer that it can read.
func (h Handler) Handle(
	ctx context.Context, request events.APIGatewayV2HTTPRequest,
) (events.APIGatewayV2HTTPResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	operation := h.Counter.Count
	switch request.RouteKey {
	case "GET /visits":
	case "POST /visits":
		operation = h.Counter.Add
	default:
		return answer(http.StatusNotFound, map[string]string{"error": "there is nothing here"})
	}
	visits, err := operation(ctx)
	if err != nil {
		h.Logger.ErrorContext(ctx, "request failed",
			"error", err, "route", request.RouteKey, "request", request.RequestContext.RequestID)
		return answer(http.StatusServiceUnavailable, map[string]string{"error": "the service cannot answer now; try again"})
	}
	return answer(http.StatusOK, map[string]int64{"visits": visits})
}

func answer(status int, body any) (events.APIGatewayV2HTTPResponse, error) {
	text, err := json.Marshal(body)
	return events.APIGatewayV2HTTPResponse{
		StatusCode: status,
		Headers: map[string]string{
			"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		},
		Body: string(text),
	}, err
}
