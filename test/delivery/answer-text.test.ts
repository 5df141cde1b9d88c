import { describe, expect, test } from "vitest";
import { errorLine, plainText } from "../../src/delivery/answer-text.ts";

const expressPage = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error</title>
</head>
<body>
<pre>TypeError: Cannot read properties of undefined (reading &#39;email&#39;)<br> &nbsp; &nbsp;at file:///app.mjs:9:12</pre>
</body>
</html>
`;

describe("the line of an answer that says what went wrong", () => {
  test.each([
    ["Express's page", expressPage, "TypeError: Cannot read properties of undefined (reading 'email')"],
    [
      "a page with a title",
      "<html><head><title>KeyError at /hook</title></head><body>…",
      "KeyError at /hook",
    ],
    ["a page with a heading alone", "<h1 class=x>502 Bad Gateway</h1><hr>nginx", "502 Bad Gateway"],
    ["a page without any", "<p>it broke</p>", "it broke"],
    ["Fastify's", '{"statusCode":500,"error":"Internal Server Error","message":"boom"}', "boom"],
    ["an error as text", '{"error":"no user"}', "no user"],
    ["an error as an object", '{"error":{"code":1,"message":"no user"}}', "no user"],
    ["a list of errors", '{"errors":[{"message":"no user"},{"message":"more"}]}', "no user"],
    ["a message of several lines", '{"message":"no user\\n    at app.mjs"}', "no user"],
    ["a JSON text", '"no user"', "no user"],
    ["a stack", "Error: no user\n    at app.mjs:1:1", "Error: no user"],
    ["JSON that was cut", '{"message":"no us', '{"message":"no us'],
    ["a long text", "x".repeat(500), `${"x".repeat(120)}…`],
  ])("is found in %s", (_, body, line) => {
    expect(errorLine(body)).toBe(line);
  });

  test.each(["", " \n", "<html></html>", "<title></title>"])("is none in %j", (body) => {
    expect(errorLine(body)).toBeUndefined();
  });

  test("is looked for no deeper than errors lie", () => {
    const deep = `${'{"error":'.repeat(50)}"no user"${"}".repeat(50)}`;
    expect(errorLine(deep)).toBe(`${deep.slice(0, 120)}…`);
  });
});

test("a page's text is what stands on it", () => {
  expect(plainText("<head><title>x</title></head><style>p{}</style><p>a&amp;b&nbsp;&quot;c&quot;</p>")).toBe(
    'a&b "c"',
  );
  expect(plainText(" a < b ")).toBe("a < b");
});
