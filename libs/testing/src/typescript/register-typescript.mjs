import { importTypeScript } from './typescript-hooks.mjs';

importTypeScript();
