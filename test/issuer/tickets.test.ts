import { expect, test } from "vitest";
import { createTickets } from "../../src/issuer/tickets.ts";

test("a ticket can be used once", () => {
  const tickets = createTickets();
  const ticket = tickets.create();
  expect([tickets.redeem(ticket), tickets.redeem(ticket)]).toEqual([true, false]);
});

test("a ticket has 256 bits, and no two are the same", () => {
  const tickets = createTickets();
  const made = Array.from({ length: 100 }, () => tickets.create());
  expect(made.every((ticket) => /^[\w-]{43}$/.test(ticket))).toBe(true);
  expect(new Set(made)).toHaveLength(100);
});

test("what is no ticket lets nobody in, and takes none from those there are", () => {
  const tickets = createTickets();
  const ticket = tickets.create();
  const others = ["", ticket.slice(1), `${ticket}x`, ticket.toUpperCase(), createTickets().create()];
  expect(others.map(tickets.redeem)).toEqual(others.map(() => false));
  expect(tickets.redeem(ticket)).toBe(true);
});

test("the latest eight are kept, for who prints many opens one of the last", () => {
  const tickets = createTickets();
  const made = Array.from({ length: 9 }, () => tickets.create());
  expect(made.map(tickets.redeem)).toEqual([false, ...Array.from({ length: 8 }, () => true)]);
});
