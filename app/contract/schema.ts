// zod as the contract's files know it; it is loaded below all rooms of `app`, since nouns have schemas too.
export { z } from '../domain/schema.ts';
