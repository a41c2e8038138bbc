// A guest's SPICE display for a viewer of this computer: a port that leads there, and the viewer itself, or a file that opens one.
import { once } from 'node:events';
import { Refused } from '../../app/contract/refusal.ts';
import { displaysOf } from '../../app/xml/displays.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { startProgram } from '../transport/program-stream.ts';
import { codeOf } from '../transport/sockets.ts';
import { openViewerPort, type ViewerPort } from '../transport/viewer-port.ts';
import { type Context, domOf, guestOf } from './context.ts';
import type { Services } from './services.ts';

/** The program of virt-viewer that takes such files. */
const program = 'remote-viewer';
/** How long a port waits for its viewer, in milliseconds. A file has to be found and opened by a person. */
const patience = 120_000;

interface ViewerContext extends Context {
  /** Of the program, which finds the desktop by it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a viewer is told; https://gitlab.com/virt-viewer/virt-viewer: man remote-viewer, CONNECTION FILE. A line has no place for line ends. */
const connectionFile = (fields: Readonly<Record<string, string | null>>): string =>
  ['[virt-viewer]', ...Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [`${name}=${value.replaceAll(/[\r\n]/g, ' ')}`])), ''].join('\n');

/** Gives it the file by its standard input: neither a file nor the list of processes ever has the password. */
const startViewer = async (file: string, env: ViewerContext['env'], port: ViewerPort): Promise<void> => {
  const viewer = await startProgram(program, ['-'], env, new AbortController().signal).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new Refused('unreachable', `${program} is not installed on this computer.`, {
      remedy: 'Install the package virt-viewer (Debian, Ubuntu, Fedora, openSUSE and Homebrew have it; for Windows there is an installer at virt-manager.org), or save a file for another viewer of SPICE.',
    });
  });
  viewer.stdout.resume();
  viewer.stderr.resume();
  viewer.stdin.end(file);
  void once(viewer, 'close').then(port.close);
  void port.closed.then(() => viewer.kill());
};

export const viewerService = ({ env, session: sessionOf }: ViewerContext): Services['consoles']['openViewer'] => async ({ host, uuid, display, start }) => {
  const session = await sessionOf(host);
  const guest = guestOf(session, uuid);
  const { live } = await session.reached.facts.definitions(domOf(guest), start);
  const xml = live === null ? null : DomainXml.parse(live);
  const found = displaysOf(xml)[display];
  if (found?.type !== 'spice') throw new Refused('bad-input', `${guest.name} has no such display that speaks SPICE.`, { field: 'display' });
  const { place } = found;
  const { reach } = session;
  if (place === null) throw new Refused('unreachable', `The SPICE display of ${guest.name} listens nowhere, or with TLS only, which is not passed on.`, { remedy: 'Give it a port without TLS that listens for the host itself alone: the way there is the connection to the host.' });
  if (reach === undefined) throw new Refused('unreachable', `This kind of connection leads to libvirt and to nothing else, so the display of ${guest.name} cannot be reached.`, { remedy: 'Connect to the host over SSH.' });
  // Once, so that what is wrong is told here rather than by a viewer that loses its connection.
  (await reach(place, AbortSignal.timeout(10_000))).destroy();
  const port = await openViewerPort({ reach: async (signal) => await reach(place, signal), patience });
  void session.reached.connection.closed.then(port.close);
  const fields = { type: 'spice', host: '127.0.0.1', port: `${port.port}`, title: guest.name };
  if (!start) return { file: connectionFile({ ...fields, 'delete-this-file': '1' }) };
  const password = xml?.elements('devices', 'graphics')[display]?.attribute('passwd') ?? null;
  try {
    await startViewer(connectionFile({ ...fields, password }), env, port);
  } catch (error) {
    port.close();
    throw error;
  }
  return { file: null };
};
