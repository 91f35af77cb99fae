#!/bin/bash
TIMESTAMP=$(date -u +%Y-%m-%dT%H:%M:%S)Z
# Create conversation
CONV_ID="conv_$(date +%s)"
curl -sS --fail-with-body -X POST "$BASE_URL/conversations" \
-H "Content-Type: application/json" \
-H "X-API-Key: $API_KEY" \
-d "{
\"conversation_id\": \"$CONV_ID\",
\"agent\": \"support_bot\",
\"timestamp\": \"$TIMESTAMP\",
\"is_resolved\": false
}" || exit 1
# Add message
curl -sS --fail-with-body -X POST "$BASE_URL/messages" \
-H "Content-Type: application/json" \
-H "X-API-Key: $API_KEY" \
-d "{
\"message_id\": \"msg_$(date +%s)\",
\"conversation_id\": \"$CONV_ID\",
\"role\": \"customer\",
\"sender_id\": \"customer_123\",
\"content\": \"Hello, I need help\",
\"timestamp\": \"$TIMESTAMP\"
}"
