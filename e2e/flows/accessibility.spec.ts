// Every place, light and dark, through axe: names, roles, contrast.
import AxeBuilder from '@axe-core/playwright';
import type { Page, TestInfo } from 'playwright/test';
import { expect, openGuest, test } from './program.ts';
import { test as standInTest } from './stand-in.ts';

const places: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'all guests with a selection': async (page) => {
    await page.getByRole('checkbox', { name: 'Select web-01' }).check();
  },
  overview: (page) => openGuest(page, 'db-primary', 'Overview'),
  'the Devices panel with the host’s devices': async (page) => {
    await openGuest(page, 'db-primary', 'Devices');
    await page.getByRole('button', { name: 'What the host has' }).click();
    await expect(page.getByRole('list', { name: 'Devices of the host' })).toBeVisible();
    await page.getByRole('button', { name: 'Add folder, after restart' }).click();
    await expect(page.getByRole('region', { name: 'Plan' })).toBeVisible();
  },
  'the CPU panel with a plan': async (page) => {
    await openGuest(page, 'db-primary', 'CPU');
    await page.getByRole('textbox', { name: 'CPU shares, after restart' }).fill('4096');
    await expect(page.getByRole('region', { name: 'Plan' })).toBeVisible();
  },
  'the review': async (page) => {
    await openGuest(page, 'db-primary', 'CPU');
    await page.getByRole('textbox', { name: 'CPUs of vCPU 0' }).fill('0,16,17');
    await page.getByRole('button', { name: 'Review…' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
  },
  XML: async (page) => {
    await openGuest(page, 'db-primary', 'XML');
    const editor = page.getByRole('textbox', { name: 'Saved definition of db-primary' });
    await editor.press('Control+f');
    await page.keyboard.type('vcpu');
    await editor.press('Control+Home');
    await page.keyboard.insertText('<');
    await expect(page.getByRole('status', { name: 'Problems of the text' })).toContainText('Line 1');
  },
  'the console': async (page) => {
    await openGuest(page, 'mail', 'Console');
    await page.getByRole('button', { name: 'Serial 0' }).click();
    await expect(page.getByRole('region', { name: 'Serial 0' }).getByRole('status')).toHaveText('connected');
    await expect(page.getByRole('region', { name: 'Display' }).getByRole('status').first()).toHaveText('connected');
    await page.getByRole('button', { name: 'Graphs' }).click();
    await expect(page.getByRole('complementary', { name: 'Graphs' })).toContainText('CPU');
  },
  'a host': async (page) => {
    await page.getByRole('list', { name: 'Hosts' }).getByRole('link', { name: /Demo host/ }).click();
    await expect(page.getByRole('heading', { name: 'CPUs and pinned guests' })).toBeVisible();
    await page.getByRole('button', { name: 'Show the screens' }).click();
    await expect(page.getByRole('img', { name: 'Screen of mail' })).toBeVisible();
  },
  'adding a host': async (page) => {
    await page.getByRole('button', { name: 'Add host…' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
  },
  'editing a host with all its parameters': async (page) => {
    await page.getByRole('button', { name: 'Add host…' }).click();
    await page.getByRole('dialog').getByLabel('Connection URI').fill('qemu+ssh://atlas/system?no_verify=1&plugin=7');
    await page.getByRole('button', { name: 'More: 1 set' }).click();
    await expect(page.getByText('plugin=7', { exact: true })).toBeVisible();
  },
  'importing hosts': async (page) => {
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Import…' }).click();
    await expect(page.getByRole('button', { name: 'Import the list' })).toBeVisible();
  },
  history: async (page) => {
    await page.getByRole('link', { name: 'History' }).click();
    await expect(page.getByText('Nothing was done yet')).toBeVisible();
  },
  profiles: async (page) => {
    await page.getByRole('link', { name: 'Profiles' }).click();
    await expect(page.getByRole('heading', { name: 'Latency-critical' })).toBeVisible();
  },
  'editing a profile': async (page) => {
    await page.getByRole('link', { name: 'Profiles' }).click();
    await page.getByRole('button', { name: 'Edit Database' }).click();
    await expect(page.getByRole('textbox', { name: 'New setting: value' })).toBeVisible();
  },
  'plans for many guests': async (page) => {
    for (const name of ['web-01', 'ci-4711']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
    await page.getByRole('button', { name: 'Tune…' }).click();
    await page.getByRole('combobox', { name: 'Setting 1: what' }).fill('Memory');
    await page.getByRole('option', { name: 'Memory', exact: true }).click();
    await page.getByRole('textbox', { name: 'Setting 1: value' }).fill('+1 GiB');
    await page.getByRole('button', { name: 'Plan for 2 guests' }).click();
    await expect(page.getByText('1 of 2 changes · not possible for 1')).toBeVisible();
  },
  'a task that failed': async (page) => {
    await page.getByRole('checkbox', { name: 'Select etl-night' }).check();
    await page.getByRole('checkbox', { name: 'Select ci-4711' }).check();
    await page.getByRole('button', { name: 'Restart to apply…' }).click();
    await page.getByRole('button', { name: 'Restart 2 guests' }).click();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('link', { name: 'Tasks' }).click();
    await expect(page.getByText('0 of 2 done · 2 failed')).toBeVisible();
  },
  certificates: async (page) => {
    await page.getByRole('link', { name: /^Certificates/ }).click();
    await expect(page.getByText('No certificates yet: set up TLS for a host')).toBeVisible();
  },
  'setting up TLS': async (page) => {
    await page.goto(new URL('#/certificates/set-up', page.url()).href);
    await page.getByRole('button', { name: 'Next: host certificate' }).click();
    await expect(page.getByText('At least eight characters.')).toBeVisible();
    // The message may have moved the button away from the pointer: what it rests on is to be read as well.
    await page.getByRole('button', { name: 'Next: host certificate' }).hover();
  },
  settings: async (page) => {
    await page.getByRole('link', { name: 'Settings' }).click();
    await expect(page.getByRole('heading', { name: 'About' })).toBeVisible();
  },
};

const goToAddress = async (page: Page, address: string): Promise<void> => {
  await page.goto(new URL(address, page.url()).href);
};
const openManyHosts = async (page: Page): Promise<void> => {
  await goToAddress(page, '#/certificates');
  await page.getByRole('button', { name: 'New', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Certificates for many hosts…' }).click();
  await expect(page.getByRole('button', { name: /^Make \d+ certificate/ })).toBeVisible();
};
const openUsers = async (page: Page): Promise<void> => {
  await goToAddress(page, '#/hosts/atlas');
  await page.getByRole('button', { name: 'Read users' }).click();
  await expect(page.getByRole('list', { name: 'SASL users' })).toBeVisible();
};
const changeSettings = async (page: Page): Promise<void> => {
  await goToAddress(page, '#/hosts/atlas/daemon');
  await page.getByRole('textbox', { name: 'max_clients' }).fill('900');
};

/** Those of certificates and of a host's daemon, with hosts and certificates to show. */
const furnished: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'all guests with a warning': async (page) => {
    await expect(page.getByRole('alert')).toContainText('expires in 19 days');
  },
  'certificates with what was looked at': async (page) => {
    await goToAddress(page, '#/certificates');
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await expect(page.getByText('All is well.')).toBeVisible();
  },
  'the certificate of a host with wrong dates': async (page) => {
    await goToAddress(page, '#/certificates/set-up/atlas');
    await page.getByRole('button', { name: 'Next: host certificate' }).click();
    await page.getByRole('button', { name: 'From one date to another' }).click();
    await page.getByLabel('Valid from').fill('2099-01-01');
    await expect(page.getByText('The end is before the start.')).toBeVisible();
  },
  'what is installed where, with its options': async (page) => {
    await goToAddress(page, '#/certificates/set-up/atlas/borealis');
    await expect(page.getByRole('list', { name: 'Steps: What goes where on atlas' })).toBeVisible();
    await page.getByRole('button', { name: /by which name it is reached/ }).click();
    await expect(page.getByLabel('Reached as')).toBeVisible();
  },
  'a connection that was set up': async (page) => {
    await goToAddress(page, '#/certificates/set-up/atlas/borealis');
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await page.getByRole('button', { name: 'Next: verify' }).click();
    await expect(page.getByText('All is well.')).toBeVisible();
  },
  'certificates for many hosts': openManyHosts,
  'installing on many hosts': async (page) => {
    await openManyHosts(page);
    await page.getByRole('button', { name: /^Make \d+ certificate/ }).click();
    await page.getByRole('button', { name: 'Look at what would be done' }).click();
    await page.getByRole('button', { name: 'Show what is written on atlas' }).click();
    await expect(page.getByRole('list', { name: 'Steps: What goes where on atlas' })).toBeVisible();
  },
  'the settings of a daemon, one of them wrong': async (page) => {
    await changeSettings(page);
    await page.getByRole('textbox', { name: 'min_workers' }).fill('30');
    await page.getByRole('combobox', { name: 'tls_allowed_dn_list', exact: true }).click();
    await page.getByRole('option', { name: 'Only those listed' }).click();
    await expect(page.getByText('An empty tls_allowed_dn_list lets nobody in over TLS.')).toBeVisible();
  },
  'the review of a daemon’s settings': async (page) => {
    await changeSettings(page);
    await page.getByRole('button', { name: 'Review changes…' }).click();
    await expect(page.getByRole('figure', { name: 'Changes of /etc/libvirt/libvirtd.conf' })).toBeVisible();
  },
  'SASL users': openUsers,
  'adding a SASL user': async (page) => {
    await openUsers(page);
    await page.getByRole('button', { name: 'Add a user…' }).click();
    await page.getByRole('button', { name: 'Add the user' }).click();
    await expect(page.getByText('A name is needed.')).toBeVisible();
  },
  'the palette with what cannot be done now': async (page) => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('start db');
    await expect(page.getByRole('option', { name: /Not now: db-primary is running/ })).toBeVisible();
  },
  'the list of tasks': async (page) => {
    await page.getByRole('button', { name: 'Tasks: 1 under way' }).click();
    await expect(page.getByRole('list', { name: 'Tasks' })).toBeVisible();
  },
  'the list of notices': async (page) => {
    await page.getByRole('button', { name: 'Notices: 2 new' }).click();
    await expect(page.getByRole('list', { name: 'Notices' })).toBeVisible();
  },
};

/** What axe objects to in a page, each with its first places; by these rules alone where some are given. */
const objections = async (page: Page, rules?: readonly string[]): Promise<readonly { readonly id: string; readonly at: readonly string[] }[]> => {
  const axe = new AxeBuilder({ page }).exclude('[role=grid][aria-label^="Pinning"] canvas');
  const { violations } = await (rules === undefined ? axe : axe.withRules([...rules])).analyze();
  return violations.map(({ id, nodes }) => ({ id, at: nodes.slice(0, 3).map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary ?? ''}`) }));
};

const light = { colorScheme: 'light', reducedMotion: 'reduce' } as const;
const background = (page: Page): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

/** What a place has settled to is what counts: a line that is about to move, or a button just left, may be between two colours. */
const expectNone = async (page: Page, rules?: readonly string[]): Promise<void> => {
  let found = await objections(page, rules);
  for (let again = 0; again < 2 && found.length > 0; again += 1) found = await objections(page, rules);
  expect(found).toEqual([]);
};

/** A place as it is, by all rules; then dark, where only colours are others. */
const examine = async (page: Page, info: TestInfo): Promise<void> => {
  await page.screenshot({ path: info.outputPath('light.png') });
  const inLight = await background(page);
  await expectNone(page);
  await page.emulateMedia({ ...light, colorScheme: 'dark' });
  await expect.poll(() => background(page)).not.toBe(inLight);
  await page.screenshot({ path: info.outputPath('dark.png') });
  await expectNone(page, ['color-contrast', 'link-in-text-block']);
};

test.use(light);
for (const [place, goTo] of Object.entries(places)) {
  test(`${place} has nothing that axe objects to, light or dark`, async ({ window }, info) => {
    await goTo(window);
    await examine(window, info);
  });
}

standInTest.describe('on the stand-in', () => {
  // One after the other, so that one server is enough.
  standInTest.describe.configure({ mode: 'default' });
  standInTest.use(light);
  for (const [place, goTo] of Object.entries(furnished)) {
    standInTest(`${place} has nothing that axe objects to, light or dark`, async ({ standIn }, info) => {
      await goTo(standIn);
      await examine(standIn, info);
    });
  }
});
