// Where the SSH agents of a person are, by what is configured, the environment and the platform.

/** The agent of OpenSSH for Windows. */
const windowsPipe = String.raw`\\.\pipe\openssh-ssh-agent`;

/**
 * The agents to ask, in order: a socket or pipe, or `pageant` for PuTTY's on Windows. `configured` is IdentityAgent of ssh_config:
 * a socket, `none`, or undefined for the environment's.
 */
export function agentAddresses(configured: string | undefined, env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): readonly string[] {
  if (configured === 'none') return [];
  if (configured !== undefined) return [configured];
  const named = env['SSH_AUTH_SOCK'];
  if (named) return [named];
  return platform === 'win32' ? [windowsPipe, 'pageant'] : [];
}
