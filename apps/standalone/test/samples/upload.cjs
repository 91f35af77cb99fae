const axios = require('axios');
const API_KEY = process.env.API_KEY;
const BASE_URL = process.env.BASE_URL;
const headers = {
'Content-Type': 'application/json',
'X-API-Key': API_KEY
};
// Create conversation
async function createConversation() {
const conversation = {
conversation_id: 'conv_001',
agent: 'support_bot',
timestamp: new Date().toISOString(),
is_resolved: false
};
const response = await axios.post(
`${BASE_URL}/conversations`,
conversation,
{ headers }
);
console.log('Conversation created:', response.data);
return response.data;
}
// Add message
async function addMessage(conversationId) {
const message = {
message_id: 'msg_001',
conversation_id: conversationId,
role: 'customer',
sender_id: 'customer_123',
content: 'Hello, I need help',
timestamp: new Date().toISOString()
};
const response = await axios.post(
`${BASE_URL}/messages`,
message,
{ headers }
);
console.log('Message added:', response.data);
return response.data;
}
// Run
createConversation()
.then(conv => addMessage(conv.conversation_id))
.catch(error => { console.error('Error:', error); process.exitCode = 1; });
