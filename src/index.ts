/** The front door. */
export * from './runtime/connection.js';
