set -e
curl -sS --fail-with-body -X POST $BASE_URL/conversations \
-H "Content-Type: application/json" \
-H "X-API-Key: $API_KEY" \
-d '{
"conversation_id": "conv_001",
"agent": "support_bot_01",
"timestamp": "2024-01-15T10:30:00Z",
"is_resolved": false,
"csat_score": 4.5
}'
# Customer's first message
curl -sS --fail-with-body -X POST $BASE_URL/messages \
-H "Content-Type: application/json" \
-H "X-API-Key: $API_KEY" \
-d '{
"message_id": "msg_001",
"conversation_id": "conv_001",
"role": "customer",
"sender_id": "customer_123",
"content": "Hello, I need help with my order",
"timestamp": "2024-01-15T10:31:00Z"
}'
# Agent's response
curl -sS --fail-with-body -X POST $BASE_URL/messages \
-H "Content-Type: application/json" \
-H "X-API-Key: $API_KEY" \
-d '{
"message_id": "msg_002",
"conversation_id": "conv_001",
"role": "agent",
"sender_id": "agent_001",
"content": "I will be happy to help! Can you provide your order number?",
"timestamp": "2024-01-15T10:31:30Z"
}'
# Customer's follow-up
curl -sS --fail-with-body -X POST $BASE_URL/messages \
-H "Content-Type: application/json" \
-H "X-API-Key: $API_KEY" \
-d '{
"message_id": "msg_003",
"conversation_id": "conv_001",
"role": "customer",
"sender_id": "customer_123",
"content": "Sure, my order number is ORD-12345",
"timestamp": "2024-01-15T10:32:00Z"
}'
