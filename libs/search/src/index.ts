export { type DetectConfiguration, loadDetection } from './language/detect-language.js';
export { statedConfiguration } from './language/stated-language.js';
