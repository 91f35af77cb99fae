/** The conversation of the documented upload API's quick start. */
export const CONVERSATION = {
  conversation_id: 'conv_001',
  agent: 'support_bot_01',
  timestamp: '2024-01-15T10:30:00Z',
  is_resolved: false,
  csat_score: 4.5,
};

/** A message of it. */
export const MESSAGE = {
  message_id: 'msg_001',
  conversation_id: 'conv_001',
  role: 'customer',
  sender_id: 'customer_123',
  content: 'Hello, I need help with my order',
  timestamp: '2024-01-15T10:31:00Z',
};

/** Where conversations go. */
export const CONVERSATIONS = '/api/conversations';

/** Where messages go. */
export const MESSAGES = '/api/messages';
