import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../../../../static/js/protocol/playback/clock.js";
import { chance } from "../../support/recorded.js";

test("it stands until it plays, and while it waits", () => {
  const clock = new Clock();
  assert.equal(clock.at(1000), 0);
  clock.seek(1000, 5000);
  assert.equal(clock.at(9000), 5000);
  clock.setPlaying(9000, true);
  assert.equal(clock.at(9100), 5100);
  clock.setWaiting(9100, true);
  assert.equal(clock.running, false);
  assert.equal(clock.playing, true);
  assert.equal(clock.at(12_000), 5100);
  clock.setWaiting(12_000, false);
  assert.equal(clock.at(12_010), 5110);
  clock.setPlaying(12_010, false);
  assert.equal(clock.at(99_000), 5110);
});

test("the speed is changed on the spot and kept within its bounds", () => {
  const clock = new Clock();
  clock.setPlaying(0, true);
  clock.setRate(1000, 2);
  assert.equal(clock.at(1500), 2000);
  clock.setRate(1500, 99);
  assert.equal(clock.rate, 3);
  clock.setRate(1500, 0.01);
  assert.equal(clock.rate, 0.5);
  assert.equal(clock.at(1700), 2100);
});

test("it goes neither below zero nor back, whatever the computer's clock does", () => {
  const clock = new Clock();
  clock.seek(1000, -50);
  assert.equal(clock.at(1000), 0);
  clock.setPlaying(1000, true);
  assert.equal(clock.at(500), 0);
});

test("it is the sum of what ran, at any sequence of changes", () => {
  const random = chance(7);
  for (let round = 0; round < 50; round += 1) {
    const clock = new Clock();
    let [now, expected] = [0, 0];
    for (let step = 0; step < 40; step += 1) {
      const time = random() * 1000;
      expected += clock.running ? time * clock.rate : 0;
      now += time;
      assert.ok(Math.abs(clock.at(now) - expected) < 1e-6);
      const what = Math.floor(random() * 3);
      if (what === 0) clock.setPlaying(now, random() < 0.7);
      else if (what === 1) clock.setWaiting(now, random() < 0.3);
      else clock.setRate(now, random() * 4);
    }
  }
});

test("after sleep it goes on where the elements are, in the background it just goes on", () => {
  const clock = new Clock();
  clock.wake(9000, 0, []);
  clock.setPlaying(0, true);
  clock.wake(2000, 1000, []);
  assert.equal(clock.at(2000), 2000);
  clock.wake(60_000, 2000, [59_900, 58_000]);
  assert.equal(clock.at(60_000), 60_000);
  clock.wake(3_600_000, 60_000, [60_500]);
  assert.equal(clock.at(3_600_000), 60_500);
  clock.wake(7_200_000, 3_600_000, []);
  assert.equal(clock.at(7_200_000), 60_500);
});
