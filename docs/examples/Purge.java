// com.aliyun:dcdn20180115 from Maven Central
import com.aliyun.dcdn20180115.Client;
import com.aliyun.dcdn20180115.models.RefreshDcdnObjectCachesRequest;
import com.aliyun.teaopenapi.models.Config;
import java.net.URI;

public class Purge {
    public static void main(String[] urls) throws Exception {
        URI endpoint = URI.create("https://freshet.example.com");
        Client client = new Client(new Config()
            .setAccessKeyId(System.getenv("ALIBABA_CLOUD_ACCESS_KEY_ID"))
            .setAccessKeySecret(System.getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET"))
            .setEndpoint(endpoint.getAuthority())
            .setProtocol(endpoint.getScheme().toUpperCase()));
        RefreshDcdnObjectCachesRequest request = new RefreshDcdnObjectCachesRequest()
            .setObjectPath(String.join("\n", urls));
        System.out.println(client.refreshDcdnObjectCaches(request).getBody().getRefreshTaskId());
    }
}
