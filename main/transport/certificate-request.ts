// The CertificateRequest of a TLS 1.2 handshake, found in what a server sent in the clear: whose certificates it takes (RFC 5246 §7.4.4).

/** Content types of records, and the type of the message that is looked for. */
const changeCipherSpec = 20;
const handshakeRecord = 22;
const certificateRequest = 13;

/**
 * The names of the authorities a server takes clients of, each as DER; empty when it names none.
 * Null when the bytes hold no such request: the server wants no certificate, or spoke TLS 1.3, where the request is encrypted.
 */
export function authoritiesAskedFor(bytes: Buffer): readonly Buffer[] | null {
  const messages = handshakeBytes(bytes);
  for (let at = 0; at + 4 <= messages.length; ) {
    const end = at + 4 + messages.readUIntBE(at + 1, 3);
    if (end > messages.length) return null;
    if (messages[at] === certificateRequest) return namesIn(messages.subarray(at + 4, end));
    at = end;
  }
  return null;
}

/** Handshake messages may go over several records, and several stand in one. What comes after the change of cipher is encrypted. */
function handshakeBytes(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length && bytes[at] !== changeCipherSpec; ) {
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    if (bytes[at] === handshakeRecord) parts.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return Buffer.concat(parts);
}

/** Certificate types, signature algorithms, then the names: each list behind its length, as each name is. Null when a length is wrong. */
function namesIn(body: Buffer): readonly Buffer[] | null {
  const types = body[0];
  if (types === undefined || body.length < types + 3) return null;
  const algorithms = body.readUInt16BE(1 + types);
  const start = 3 + types + algorithms;
  if (body.length < start + 2) return null;
  const list = body.subarray(start + 2, start + 2 + body.readUInt16BE(start));
  const names: Buffer[] = [];
  for (let at = 0; at + 2 <= list.length; ) {
    const end = at + 2 + list.readUInt16BE(at);
    if (end > list.length) return null;
    names.push(list.subarray(at + 2, end));
    at = end;
  }
  return names;
}
