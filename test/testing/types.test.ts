/** What the compiler says of the library; `tsc` is what runs this file's assertions. */
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  createEvent,
  startMockKinde,
  type Delivery,
  type EmitOptions,
  type EventType,
  type EventTypePattern,
  type KindeEvent,
  type MockKinde,
  type StartMockKindeOptions,
} from "../../src/index.ts";

describe("the types", () => {
  test("of an event follow from its event type", () => {
    const event = createEvent("user.created");
    expectTypeOf(event).toEqualTypeOf<KindeEvent<"user.created">>();
    expectTypeOf(event.type).toEqualTypeOf<"user.created">();
    expectTypeOf(event.data.user.email).toEqualTypeOf<string | null>();
    // @ts-expect-error this type has no role
    expect(event.data.role).toBeUndefined();
    expectTypeOf<KindeEvent<"user.authenticated">["ip_address"]>().toEqualTypeOf<string>();
    expectTypeOf<KindeEvent<"user.created">>().not.toHaveProperty("ip_address");
  });

  test("of all events are one union, told apart by `type`", () => {
    const emailOf = (event: KindeEvent): string | null | undefined =>
      event.type === "user.created" ? event.data.user.email : undefined;
    expectTypeOf<KindeEvent["type"]>().toEqualTypeOf<EventType>();
    expect(emailOf(createEvent("user.created", { data: { user: { email: "a@b.c" } } }))).toBe("a@b.c");
  });

  test("of emit's data are those of the event type, any part of them", () => {
    type Options = EmitOptions<"user.created">;
    expectTypeOf<{ data: { user: { email: string } } }>().toExtend<Options>();
    expectTypeOf<{ data: { user: { email: number } } }>().not.toExtend<Options>();
    expectTypeOf<{ source: "nobody" }>().not.toExtend<Options>();
    const ofUser: Options = { data: { user: { email: "ada@example.com" } } };
    const refused = (kinde: MockKinde): unknown => [
      kinde.emit("user.created", { data: { user: { email: "ada@example.com" } } }),
      // @ts-expect-error a user has no such member
      kinde.emit("user.created", { data: { user: { mail: "ada@example.com" } } }),
      // @ts-expect-error nor has a user event a role
      kinde.createRequest("user.created", { data: { role: { key: "admin" } } }),
      // @ts-expect-error no such event type
      kinde.emit("user.create"),
      // @ts-expect-error a pattern can't be emitted
      kinde.emit("user.*"),
      // @ts-expect-error no such option
      kinde.emit("user.created", { timeout: 5 }),
      // @ts-expect-error options of another event type
      kinde.emit("role.created", ofUser),
      // @ts-expect-error here, too
      kinde.createRequest("role.created", ofUser),
      kinde.emit("user.created", { data: { user: { organizations: [{ code: "org_1842" }] } } }),
    ];
    expectTypeOf(refused).parameter(0).toEqualTypeOf<MockKinde>();
  });

  test("take undefined for what is not given, also where optional properties are exact", () => {
    expectTypeOf<{ port: number | undefined; now: Date | undefined }>().toExtend<StartMockKindeOptions>();
    expectTypeOf<{
      signal: AbortSignal | undefined;
      data: { user: { first_name: string | undefined } } | undefined;
    }>().toExtend<EmitOptions<"user.created">>();
  });

  test("of patterns are event types, all of a kind, or all", () => {
    expectTypeOf<"user.created">().toExtend<EventTypePattern>();
    expectTypeOf<"user.*">().toExtend<EventTypePattern>();
    expectTypeOf<"*">().toExtend<EventTypePattern>();
    expectTypeOf<"user.create">().not.toExtend<EventTypePattern>();
    expectTypeOf<"usr.*">().not.toExtend<EventTypePattern>();
    const webhooks = [{ endpoint: new URL("http://localhost:3000"), eventTypes: ["user.*"] }] as const;
    expectTypeOf(webhooks).toExtend<NonNullable<StartMockKindeOptions["webhooks"]>>();
  });

  test("of a delivery say what it may be", () => {
    expectTypeOf<Awaited<ReturnType<MockKinde["emit"]>>>().toEqualTypeOf<Delivery>();
    expectTypeOf<Awaited<ReturnType<MockKinde["waitFor"]>>>().toEqualTypeOf<Delivery>();
    expectTypeOf<Delivery["state"]>().toEqualTypeOf<"pending" | "delivered" | "failed">();
    expectTypeOf<MockKinde["deliveries"]>().toEqualTypeOf<readonly Delivery[]>();
    expectTypeOf<Awaited<ReturnType<MockKinde["createRequest"]>>>().toEqualTypeOf<Request>();
  });

  test("of a mock let it be held by `await using`", async () => {
    expectTypeOf<MockKinde>().toExtend<AsyncDisposable>();
    let kept: MockKinde;
    {
      await using kinde = await startMockKinde();
      kept = kinde;
    }
    await expect(kept.emit("user.created")).rejects.toMatchObject({ code: "ERR_MOCK_CLOSED" });
  });
});
