export * from './command/commands.js';
export * from './command/version.js';
export * from './events.js';
export * from './json.js';
export * from './reason-codes.js';
export * from './receipt.js';
export * from './topics.js';
