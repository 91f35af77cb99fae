import os
import requests
from datetime import datetime
API_KEY = os.environ["API_KEY"]
BASE_URL = os.environ["BASE_URL"]
headers = {
"Content-Type": "application/json",
"X-API-Key": API_KEY
}
# Create conversation
conversation = {
"conversation_id": "conv_001",
"agent": "support_bot",
"timestamp": datetime.utcnow().isoformat() + "Z",
"is_resolved": False
}
response = requests.post(
f"{BASE_URL}/conversations",
headers=headers,
json=conversation
)
print(f"Conversation created: {response.json()}")
assert response.status_code == 200
# Add message
message = {
"message_id": "msg_001",
"conversation_id": "conv_001",
"role": "customer",
"sender_id": "customer_123",
"content": "Hello, I need help",
"timestamp": datetime.utcnow().isoformat() + "Z"
}
response = requests.post(
f"{BASE_URL}/messages",
headers=headers,
json=message
)
print(f"Message added: {response.json()}")
assert response.status_code == 200
