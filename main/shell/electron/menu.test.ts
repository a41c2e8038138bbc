// The menu offers no way into the page's innards once it is packaged.
import { expect, it } from 'vitest';
import { menuTemplate } from './menu.ts';

it('has developer tools and reload only where it is developed', () => {
  const roles = (isPackaged: boolean): string => JSON.stringify(menuTemplate('linux', isPackaged));
  expect([/toggleDevTools|"reload"/i.test(roles(true)), /toggleDevTools/.test(roles(false))]).toEqual([false, true]);
});

it('starts with the application on macOS, and lets others quit from the window menu', () => {
  expect(menuTemplate('darwin', true)[0]).toEqual({ role: 'appMenu' });
  expect(JSON.stringify(menuTemplate('linux', true))).toContain('"quit"');
});
