// Where the machine itself gets Debian from: its mirrors and the way it reaches them, so that nothing here names one.
import { LabError } from '../state.ts';
import { run } from './program.ts';
import { release } from './recipe.ts';

/** apt's settings that say how to reach a mirror and how old its answers may be (apt.conf(5), group Acquire). */
const wayToMirror = /^Acquire::(?:https?|Retries|Force|Check-|Max-FutureTime|Max-ValidTime|By-Hash)/;

/**
 * Lines of a sources.list for the virtual host's release, from the mirrors of the machine's own Debian release, its updates and
 * its security updates. Rejects on a machine without a Debian mirror.
 */
export async function debianSources(): Promise<readonly string[]> {
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)';
  const targets = await run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  return sourceLines(targets);
}

/** The lines of `debianSources` from apt's list of "URI release component origin"; kept apart because it is plain text to plain text. */
export function sourceLines(targets: string): readonly string[] {
  const lines = targets.split('\n').flatMap((target) => {
    const [uri = '', suite = '', component, origin = ''] = target.split(' ');
    const pocket = /^[a-z]+((?:-updates|-security)?)$/.exec(suite)?.[1];
    // apt leaves the placeholder in place until it has fetched the lists; then the path every Debian mirror has must do.
    const isDebian = origin.startsWith('$') ? /\/debian(?:-security)?(?:\/|$)/.test(uri) : origin === 'Debian';
    return isDebian && component === 'main' && pocket !== undefined ? [`deb ${uri} ${release}${pocket} main`] : [];
  });
  if (lines.length === 0) throw new LabError(`apt on this machine knows no Debian mirror, which the virtual host (Debian ${release}) is built from`);
  return [...new Set(lines)];
}

/** Lines of an apt.conf with the machine's proxy, retries and validity checks. */
export async function aptOptions(): Promise<readonly string[]> {
  return (await run('apt-config', ['dump'])).split('\n').filter((line) => wayToMirror.test(line) && !line.endsWith(' "";'));
}
