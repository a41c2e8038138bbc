// Builds the virtual host when its cache is cold, beside other work, and leaves none running that was not.
import { hostDown, hostStatus, hostUp } from './lab/host/host.ts';

const before = await hostStatus();
if (before.state === 'down' && !before.isBuilt) {
  await hostUp({ onProgress: (message) => process.stderr.write(`${message}\n`) });
  await hostDown();
}
