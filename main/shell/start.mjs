// `npm start`: installs and builds what is missing, then shows the program in Electron, or where that cannot be had, in a browser.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { findElectron, fetchElectron } from './electron/binary.mjs';
import { ready, root } from './prepare.mjs';

const words = process.argv.slice(2);
const hasDisplay = process.platform !== 'linux' || Boolean(process.env.DISPLAY) || Boolean(process.env.WAYLAND_DISPLAY);

/** Runs a program in the foreground, passes signals on, and tells how it ended. */
const show = (program, parameters) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { cwd: root, stdio: 'inherit' });
    const pass = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, pass);
      resolve({ code, signal });
    });
  });

const web = async (why) => {
  process.stderr.write(`guestdeck: ${why}; the program is served to a browser instead.\n`);
  const { code } = await show(process.execPath, [join(root, 'out', 'main', 'web.mjs'), ...words]);
  process.exitCode = code ?? 1;
};

await ready();
if (process.env.GUESTDECK_SHELL === 'web') await web('GUESTDECK_SHELL says web');
else if (!hasDisplay) await web('there is no display');
else {
  const electron = (await findElectron()) ?? (await fetchElectron());
  if (electron === undefined) await web("Electron's binary is not there and cannot be fetched");
  else {
    // Chromium refuses to run as root with its sandbox, and only then goes without.
    const { code, signal } = await show(electron, [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), root, ...words]);
    // A signal that nobody here sent, or Electron's own failure to start: a browser may still work.
    if (signal !== null && !['SIGINT', 'SIGTERM', 'SIGHUP'].includes(signal)) await web(`Electron ended with ${signal}`);
    else process.exitCode = code ?? 0;
  }
}
