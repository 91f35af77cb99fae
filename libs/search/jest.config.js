import { basename } from 'node:path';
import preset from '../../jest.preset.js';
export default { ...preset, displayName: basename(import.meta.dirname) };
