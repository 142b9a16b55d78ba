package dev.isoflop.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The page of a study is self-contained, and trusts nobody's text.
class StudyPageTest {

    private static final String HOSTILE = "\"'><script>alert(1)</script>&";
    private static final Pattern SCRIPT = Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL);

    private static String page(String text) {
        Plan plan =
                new Plan(Work.product("image", 1, 10, 10, 5), Work.none("again"), 4, 10, 2, 0.5);
        PricedRun run =
                new PricedRun(text, text, text, text, List.of(text), plan, Optional.empty());
        return StudyPage.html(new PricedStudy(List.of(run), text), text);
    }

    @Test
    void thePageAsksTheNetworkForNothing() {
        String page = SCRIPT.matcher(page("a study")).replaceAll("");
        assertThat(page).contains("content=\"default-src 'none'; ");
        assertThat(page)
                .doesNotContain("http://", "https://", "@import", "url(", " src=\"/", "//cdn");
    }

    @Test
    void noScriptRunsButThoseWhoseChecksumThePolicyNames() throws Exception {
        String page = page(HOSTILE);
        Matcher policy = Pattern.compile("script-src ([^;]*);").matcher(page);
        assertThat(policy.find()).isTrue();
        List<String> carried = new ArrayList<>();
        Matcher scripts = SCRIPT.matcher(page);
        while (scripts.find()) {
            byte[] text = scripts.group(1).getBytes(StandardCharsets.UTF_8);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text);
            carried.add("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
        }
        assertThat(carried).hasSize(2);
        assertThat(policy.group(1).split(" ")).containsExactlyElementsOf(carried);
    }

    @Test
    void textFromOutsideNeverBecomesMarkup() {
        String page = SCRIPT.matcher(page(HOSTILE)).replaceAll("");
        assertThat(page).doesNotContain("<script>alert", "</script>&");
        assertThat(page.split("&lt;script&gt;alert\\(1\\)&lt;/script&gt;", -1))
                .as("title, heading, conditions, figure twice, name, method, encoder, shown in")
                .hasSizeGreaterThanOrEqualTo(9);
        assertThat(page).contains("\\u003cscript>alert(1)\\u003c/script>");
    }

    @Test
    void aStudyWithoutADeviceIsShownByItsFlops() {
        assertThat(page("a study"))
                .contains("data-by=\"total\" aria-pressed=\"true\"")
                .doesNotContain("data-by=\"co2\"")
                .doesNotContain("Beside the paper");
    }
}
