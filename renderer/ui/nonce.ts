// The page's nonce, which styles made at run time carry: the content policy takes no others.

/** Empty where a page is served without one. */
export const pageNonce = (): string => document.querySelector('meta[property="csp-nonce"]')?.getAttribute('content') ?? '';
