#include "backend/http/problem.hpp"

#include "backend/json/writer.hpp"

namespace promptsales::backend {

Reply problem(unsigned status, std::string_view kind, std::string_view detail, const FieldErrors& errors) {
  Reply reply{.status = status, .content_type = "application/problem+json", .body = {}, .fields = {}};
  JsonWriter json{reply.body};
  json.begin_object();
  json.key("type").string("urn:promptsales:problem:" + std::string{kind});
  json.key("title").string(reason_phrase(status));
  json.key("status").number(status);
  json.key("detail").string(detail);
  if (!errors.empty()) {
    json.key("errors").begin_array();
    for (const auto& error : errors)
      json.begin_object()
          .key("pointer")
          .string(error.pointer)
          .key("detail")
          .string(error.detail)
          .end_object();
    json.end_array();
  }
  json.end_object();
  return reply;
}

Reply invalid_fields(const FieldErrors& errors) {
  return problem(422, "invalid-fields", "Some fields of the request are not valid; errors names each.",
                 errors);
}

Reply unavailable(std::string_view detail) {
  auto reply = problem(503, "unavailable", detail);
  reply.fields = "Retry-After: 1\r\n";
  return reply;
}

}  // namespace promptsales::backend
