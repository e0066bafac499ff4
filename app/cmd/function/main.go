// Command function is the function on AWS Lambda that counts visits. docs/app.md tells how to configure it.
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
	handler, err := prepare(context.Background(), logger)
	if err != nil {
		logger.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(handler.Handle)
}

// prepare makes what all requests share: Lambda starts a process for many.
func prepare(ctx context.Context, logger *slog.Logger) (visits.Handler, error) {
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
