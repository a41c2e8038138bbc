// The one place that loads zod: `jitless` has to be set before the first schema, or a strict CSP refuses its eval.
import { z } from 'zod';

z.config({ jitless: true });

export { z };
