/** Which members of Kinde's claims tell of a person, and what stands there instead when they are masked. */

/** What stands in the place of a personal value: its kind stays visible. */
export type Mask = "[email]" | "[phone]" | "[ip]" | "[address]" | "[picture]" | "[birthdate]" | "[name]";

interface PersonalMembers {
  readonly mask: Mask;
  /** In snake case; one with words in front (`billing_email`) or in the plural is meant too. */
  readonly names: readonly string[];
  /** Where Kinde sends it, or why it might. */
  readonly because: string;
}

/**
 * The first that fits counts: an e-mail address is no postal one.
 * Source: the fixtures, `@kinde/webhooks`, the users and identities of Kinde's Management API, and the standard claims of
 * OpenID Connect Core, section 5.1, after which Kinde names what it shows of a user elsewhere.
 */
export const personalMembers: readonly PersonalMembers[] = [
  {
    mask: "[email]",
    names: ["email", "email_address", "emailaddress", "mail"],
    because:
      "user.*, subscriber.created, access_request.created; `preferred_email` and `email` in the Management API",
  },
  {
    mask: "[phone]",
    names: ["phone", "phone_number", "phonenumber", "mobile", "mobile_number", "telephone", "fax"],
    because: "user.created, user.updated; `phone_number` in OpenID Connect",
  },
  {
    mask: "[ip]",
    names: ["ip", "ipv", "ip_address", "ipaddress", "remote_addr"],
    because: "user.authenticated and user.authentication_failed, beside `data`",
  },
  {
    mask: "[address]",
    names: ["address", "address_line", "street", "street_address", "postal_code", "postcode", "zip"],
    because: "`address` in OpenID Connect; billing knows where a customer is",
  },
  {
    mask: "[picture]",
    names: ["picture", "picture_url", "avatar", "avatar_url", "photo", "photo_url"],
    because: "`picture` in the Management API: its URL may hold an account's name, or an e-mail address",
  },
  {
    mask: "[birthdate]",
    names: ["birthdate", "birthday", "date_of_birth"],
    because: "`birthdate` in OpenID Connect",
  },
  {
    mask: "[name]",
    names: [
      "first_name",
      "last_name",
      "given_name",
      "family_name",
      "middle_name",
      "maiden_name",
      "full_name",
      "fullname",
      "preferred_name",
      "legal_name",
      "firstname",
      "lastname",
      "surname",
      "nickname",
      "username",
      "user_name",
      "preferred_username",
    ],
    because: "user.*, subscriber.created, access_request.created; `full_name` in the Management API",
  },
];

/** What has a name of its own that is nobody's. Whatever else has one may be a person. */
const things = [
  "organization",
  "org",
  "role",
  "permission",
  "scope",
  "plan",
  "feature",
  "entitlement",
  "meter",
  "price",
  "product",
  "subscription",
  "application",
  "app",
  "api",
  "environment",
  "property",
  "webhook",
  "event",
  "file",
  "host",
];

/**
 * What a member's value is masked as; `undefined` for one that tells of nobody by its name.
 * @param holder the name of the member that holds the object; an array passes its own on
 */
export function maskOfMember(name: string, holder: string | undefined): Mask | undefined {
  const words = toWords(name);
  const found = personalMembers.find(({ names }) => names.some((each) => endsIn(words, each)));
  if (found !== undefined) return found.mask;
  if (!endsIn(words, "name")) return undefined;
  // `name` and `display_name` are those of whoever holds them, `plan_name` says itself whose it is.
  const owners = [words.replace(/_?name$/, ""), ...(holder === undefined ? [] : [toWords(holder)])];
  return owners.some((owner) => things.some((thing) => endsIn(owner, thing))) ? undefined : "[name]";
}

function endsIn(words: string, ending: string): boolean {
  return words === ending || words.endsWith(`_${ending}`);
}

/** In snake case and the singular, without a number: `address_line` of `addressLines` and `address_line1`. */
function toWords(name: string): string {
  return (
    name
      .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, "$1_$2")
      .replaceAll(/[^\p{L}\p{N}]+/gu, "_")
      .toLowerCase()
      // From the beginning of a number only: anybody may send a name of a million digits.
      .replace(/_?(?<!\d)\d+$/, "")
      .replace(/(?<=ss)es$|(?<=[^s])s$/, "")
      .replace(/ie$/, "y")
  );
}
