export { type GatewayConfig, gatewayConfig } from './config.js';
export { createGateway } from './gateway.js';
export { type GatewayParts } from './gateway-parts.js';
export { ReceiptBoard } from './receipts/receipt-board.js';
