#!/bin/sh
# A custom runtime that answers every request with 503, until the first release takes its place (AWS Lambda Developer
# Guide, "Using the Lambda runtime API for custom runtimes").
set -eu
invocations="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
headers="$(mktemp)"
answer='{
  "statusCode": 503,
  "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"},
  "body": "{\"error\": \"no function has been deployed yet\"}"
}'
while true; do
  curl -sSf -D "$headers" -o /dev/null "$invocations/next"
  id="$(grep -Fi lambda-runtime-aws-request-id: "$headers" | cut -d: -f2 | tr -d '[:space:]')"
  curl -sSf -o /dev/null -d "$answer" "$invocations/$id/response"
done
