package io.dvflow.dataplane.source.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What servers say in WWW-Authenticate, several challenges in one header included. */
class AuthChallengeTest {

    @Test
    void challengesAndTheirParametersAreToldApart() {
        List<AuthChallenge> found = AuthChallenge.parse(
                "Negotiate, Bearer realm=\"https://auth/token?x=1,2\",service="
                        + "\"a \\\"b\\\"\" , scope=\"repository:a/b:pull,push\",error=insufficient_scope, Basic Realm=\"here\"");

        assertThat(found)
                .containsExactly(
                        new AuthChallenge("negotiate", Map.of()),
                        new AuthChallenge(
                                "bearer",
                                Map.of(
                                        "realm", "https://auth/token?x=1,2",
                                        "service", "a \"b\"",
                                        "scope", "repository:a/b:pull,push",
                                        "error", "insufficient_scope")),
                        new AuthChallenge("basic", Map.of("realm", "here")));
    }

    @Test
    void nonsenseIsNoChallenge() {
        assertThat(AuthChallenge.parse("")).isEmpty();
        assertThat(AuthChallenge.parse(", ,=\"x")).isEmpty();
        assertThat(AuthChallenge.parse("Bearer realm=\"unclosed"))
                .singleElement()
                .satisfies(challenge -> {
                    assertThat(challenge.scheme()).isEqualTo("bearer");
                    assertThat(challenge.parameter("realm")).isEmpty();
                });
    }
}
