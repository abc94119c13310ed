import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { isOriginAllowed } from './origin.ts';

test('streams are open to this machine, the bound host, the requested address and clients without an Origin', () => {
  const cases: [origin: string | undefined, boundHost: string, hostHeader: string | undefined, allowed: boolean][] = [
    [undefined, '127.0.0.1', undefined, true],
    ['http://localhost:5174', '127.0.0.1', '127.0.0.1:8002', true],
    ['https://[::1]:8002', '127.0.0.1', '127.0.0.1:8002', true],
    ['http://evil.example', '127.0.0.1', '127.0.0.1:8002', false],
    // Someone else's name that their DNS points here.
    ['http://evil.example:8002', '0.0.0.0', 'evil.example:8002', false],
    ['http://desk.lan:8002', 'desk.lan', 'desk.lan:8002', true],
    ['http://192.168.1.7:8002', '0.0.0.0', '192.168.1.7:8002', true],
    ['http://192.168.1.8:8002', '0.0.0.0', '192.168.1.7:8002', false],
    ['http://[fd00::7]:8002', '::', '[fd00::7]:8002', true],
    ['null', '127.0.0.1', '127.0.0.1:8002', false],
    ['file://', '127.0.0.1', '127.0.0.1:8002', false],
    ['localhost', '127.0.0.1', 'localhost', false],
    ['http://localhost.evil.example', '127.0.0.1', '127.0.0.1:8002', false],
  ];
  for (const [origin, boundHost, hostHeader, allowed] of cases) {
    equal(isOriginAllowed(origin, boundHost, hostHeader), allowed, `${origin} on ${boundHost} asked as ${hostHeader}`);
  }
});
