// Command function is the AWS Lambda function that counts visits. docs/app.md describes its configuration.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"stagecraft/app/internal/visits"
)

func main() {
	logger := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	handler, err := newHandler(context.Background(), logger)
	if err != nil {
		logger.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(handler.Handle)
}

// newHandler returns the handler that all requests of this process share.
func newHandler(ctx context.Context, logger *slog.Logger) (visits.Handler, error) {
	table := os.Getenv("VISITS_TABLE")
	if table == "" {
		return visits.Handler{}, errors.New("VISITS_TABLE must be the name of a DynamoDB table")
	}
	loaded, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return visits.Handler{}, err
	}
	return visits.Handler{Counter: visits.NewTable(dynamodb.NewFromConfig(loaded), table), Logger: logger}, nil
}
