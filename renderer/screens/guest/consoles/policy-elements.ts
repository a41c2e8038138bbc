// Lets the terminal's library live with the content policy, of which it knows nothing: it makes style elements and style attributes at run time.
import { pageNonce } from '../../../ui/nonce.ts';

let done = false;

/**
 * From here on style elements of this page carry its nonce, and a style attribute of a span is set as the property, which the policy
 * allows. The library's own `documentOverride` reaches only some of the places in which it makes them (xterm 6.0).
 */
export const keepPolicy = (): void => {
  if (done) return;
  done = true;
  const create = document.createElement.bind(document);
  const made = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement && element.nonce === '') element.nonce = pageNonce();
    if (!(element instanceof HTMLSpanElement)) return element;
    const setAttribute = element.setAttribute.bind(element);
    element.setAttribute = (attribute, value) => {
      if (attribute === 'style') element.style.cssText = value;
      else setAttribute(attribute, value);
    };
    return element;
  };
  Object.defineProperty(document, 'createElement', { value: made, configurable: true, writable: true });
};
