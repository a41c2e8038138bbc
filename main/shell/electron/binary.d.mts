// Types of binary.mjs, which runs before there is a compiler.
type Environment = Readonly<Record<string, string | undefined>>;
export function findElectron(folder?: string, env?: Environment): Promise<string | undefined>;
export function fetchElectron(folder?: string, env?: Environment): Promise<string | undefined>;
